-- A change of what a dataset says, in any table and by any code, leaves one row in the
-- outbox: once per dataset and transaction, in that very transaction.
--
-- ``unchecked`` is what a check at the end of the transaction goes by (maroc_workflow's
-- gate): set by every change, taken off by the check. A row's ``txid`` tells a
-- transaction's own rows from those of others.
ALTER TABLE maroc_portal_outbox
    ADD COLUMN package_id text,
    ADD COLUMN txid xid8,
    ADD COLUMN unchecked boolean NOT NULL DEFAULT false,
    ADD COLUMN indexed boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT maroc_portal_outbox_once UNIQUE (package_id, txid);

-- The web's role may add rows and change none: the function writes as the owner.
CREATE FUNCTION maroc_portal_touch(dataset text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO maroc_portal_outbox (topic, payload, package_id, txid, unchecked)
    SELECT 'dataset.changed', jsonb_build_object('id', dataset), dataset,
           pg_current_xact_id(), true
    WHERE dataset IS NOT NULL AND dataset <> ''
    ON CONFLICT (package_id, txid) DO UPDATE SET unchecked = true
    WHERE NOT maroc_portal_outbox.unchecked
$$;

CREATE FUNCTION maroc_portal_package_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.id IS DISTINCT FROM OLD.id THEN
        PERFORM maroc_portal_touch(OLD.id);
    END IF;
    PERFORM maroc_portal_touch(coalesce(NEW.id, OLD.id));
    RETURN NULL;
END $$;

-- Of resource and package_tag.
CREATE FUNCTION maroc_portal_part_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM maroc_portal_touch(OLD.package_id);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM maroc_portal_touch(NEW.package_id);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION maroc_portal_view_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM maroc_portal_touch(package_id) FROM resource
        WHERE id = OLD.resource_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM maroc_portal_touch(package_id) FROM resource
        WHERE id = NEW.resource_id;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION maroc_portal_member_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.table_name = 'package' THEN
        PERFORM maroc_portal_touch(OLD.table_id);
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.table_name = 'package' THEN
        PERFORM maroc_portal_touch(NEW.table_id);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION maroc_portal_relationship_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM maroc_portal_touch(OLD.subject_package_id);
        PERFORM maroc_portal_touch(OLD.object_package_id);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM maroc_portal_touch(NEW.subject_package_id);
        PERFORM maroc_portal_touch(NEW.object_package_id);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION maroc_portal_tag_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM maroc_portal_touch(package_id) FROM package_tag WHERE tag_id = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER maroc_portal_changed AFTER INSERT OR UPDATE OR DELETE ON package
    FOR EACH ROW EXECUTE FUNCTION maroc_portal_package_changed();
CREATE TRIGGER maroc_portal_changed AFTER INSERT OR UPDATE OR DELETE ON resource
    FOR EACH ROW EXECUTE FUNCTION maroc_portal_part_changed();
CREATE TRIGGER maroc_portal_changed AFTER INSERT OR UPDATE OR DELETE ON package_tag
    FOR EACH ROW EXECUTE FUNCTION maroc_portal_part_changed();
CREATE TRIGGER maroc_portal_changed AFTER INSERT OR UPDATE OR DELETE ON resource_view
    FOR EACH ROW EXECUTE FUNCTION maroc_portal_view_changed();
CREATE TRIGGER maroc_portal_changed AFTER INSERT OR UPDATE OR DELETE ON member
    FOR EACH ROW EXECUTE FUNCTION maroc_portal_member_changed();
CREATE TRIGGER maroc_portal_changed
    AFTER INSERT OR UPDATE OR DELETE ON package_relationship
    FOR EACH ROW EXECUTE FUNCTION maroc_portal_relationship_changed();
CREATE TRIGGER maroc_portal_changed AFTER UPDATE ON tag
    FOR EACH ROW EXECUTE FUNCTION maroc_portal_tag_changed();
