-- What the outbox still owes to the index.
CREATE INDEX maroc_portal_outbox_owed ON maroc_portal_outbox (id)
    WHERE NOT indexed AND package_id IS NOT NULL;

-- The index now holds what a reader saw of a dataset: the transactions of ``seen`` and
-- its ``own``. A change that came later stays owed. Rows that a worker holds are its to
-- settle. The web's role has no UPDATE on the outbox: the function writes as the owner.
CREATE FUNCTION maroc_portal_indexed(dataset text, seen pg_snapshot, own xid8)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE maroc_portal_outbox SET indexed = true
    WHERE id IN (
        SELECT id FROM maroc_portal_outbox
        WHERE package_id = dataset AND NOT indexed
          AND (txid = own OR pg_visible_in_snapshot(txid, seen))
        FOR UPDATE SKIP LOCKED)
$$;

-- The last comparison of the index with the database, in one row.
CREATE TABLE maroc_portal_reconciled (
    sole boolean PRIMARY KEY DEFAULT true CHECK (sole),
    at timestamptz NOT NULL DEFAULT now(),
    compared integer NOT NULL,
    drift integer NOT NULL,
    -- When nothing last differed; at first, when the first comparison was made.
    agreed_at timestamptz NOT NULL
);
