DROP TABLE maroc_portal_reconciled;
DROP FUNCTION maroc_portal_indexed(text, pg_snapshot, xid8);
DROP INDEX maroc_portal_outbox_owed;
