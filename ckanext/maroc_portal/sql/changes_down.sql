DROP TRIGGER maroc_portal_changed ON package;
DROP TRIGGER maroc_portal_changed ON resource;
DROP TRIGGER maroc_portal_changed ON package_tag;
DROP TRIGGER maroc_portal_changed ON resource_view;
DROP TRIGGER maroc_portal_changed ON member;
DROP TRIGGER maroc_portal_changed ON package_relationship;
DROP TRIGGER maroc_portal_changed ON tag;
DROP FUNCTION maroc_portal_package_changed();
DROP FUNCTION maroc_portal_part_changed();
DROP FUNCTION maroc_portal_view_changed();
DROP FUNCTION maroc_portal_member_changed();
DROP FUNCTION maroc_portal_relationship_changed();
DROP FUNCTION maroc_portal_tag_changed();
DROP FUNCTION maroc_portal_touch(text);
ALTER TABLE maroc_portal_outbox
    DROP COLUMN package_id, DROP COLUMN txid, DROP COLUMN unchecked, DROP COLUMN indexed;
