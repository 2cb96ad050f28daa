-- Decisions are added, never changed: the row's number, its moment and its place in the
-- dataset's chain are written here, whatever was sent.
CREATE FUNCTION maroc_workflow_row_hash(decision maroc_workflow_decision) RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
    SELECT encode(sha256(convert_to(
        (to_jsonb(decision) - '{id,row_hash}'::text[])::text, 'UTF8')), 'hex')
$$;

CREATE FUNCTION maroc_workflow_append() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    last maroc_workflow_decision;
BEGIN
    SELECT * INTO last FROM maroc_workflow_decision
    WHERE package_id = NEW.package_id ORDER BY n DESC LIMIT 1;
    NEW.n := coalesce(last.n, 0) + 1;
    NEW.at := greatest(clock_timestamp(), last.at);
    NEW.previous := coalesce(last.row_hash, '');
    NEW.row_hash := maroc_workflow_row_hash(NEW);
    RETURN NEW;
END $$;
CREATE TRIGGER maroc_workflow_append BEFORE INSERT ON maroc_workflow_decision
    FOR EACH ROW EXECUTE FUNCTION maroc_workflow_append();

CREATE FUNCTION maroc_workflow_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'decisions are never changed' USING ERRCODE = 'MA002';
END $$;
CREATE TRIGGER maroc_workflow_keep BEFORE UPDATE OR DELETE ON maroc_workflow_decision
    FOR EACH ROW EXECUTE FUNCTION maroc_workflow_keep();
CREATE TRIGGER maroc_workflow_keep BEFORE UPDATE OR DELETE ON maroc_workflow_digest
    FOR EACH ROW EXECUTE FUNCTION maroc_workflow_keep();
CREATE TRIGGER maroc_workflow_keep
    BEFORE UPDATE OR DELETE ON maroc_workflow_consultation
    FOR EACH ROW EXECUTE FUNCTION maroc_workflow_keep();
-- A version that somebody closed stays closed, for the reason that was given.
CREATE TRIGGER maroc_workflow_keep BEFORE UPDATE ON maroc_workflow_version
    FOR EACH ROW WHEN (OLD.closed_by IS NOT NULL)
    EXECUTE FUNCTION maroc_workflow_keep();

-- The last decision on a dataset, and whether it opens exactly what stands there now.
CREATE FUNCTION maroc_workflow_is_open(dataset text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce((
        SELECT kind <> 'withdraw' AND coalesce(opens_at <= now(), true)
           AND content_hash = maroc_workflow_hash(dataset)
        FROM maroc_workflow_decision WHERE package_id = dataset
        ORDER BY n DESC LIMIT 1), false)
$$;

-- At the end of a transaction, once for each dataset that it changed.
CREATE FUNCTION maroc_workflow_gate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    found package;
BEGIN
    UPDATE maroc_portal_outbox SET unchecked = false WHERE id = NEW.id;
    SELECT * INTO found FROM package WHERE id = NEW.package_id;
    IF found.state = 'active' AND found.private IS NOT TRUE
       AND NOT maroc_workflow_is_open(found.id) THEN
        RAISE EXCEPTION 'no decision opens what % says now', found.id
            USING ERRCODE = 'MA001', DETAIL = found.id;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER maroc_workflow_gate
    AFTER INSERT OR UPDATE ON maroc_portal_outbox
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.unchecked) EXECUTE FUNCTION maroc_workflow_gate();

-- The public datasets that this transaction changed and that no decision opens yet.
CREATE FUNCTION maroc_workflow_undecided() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT package.id
    FROM maroc_portal_outbox AS change JOIN package ON package.id = change.package_id
    WHERE change.txid = pg_current_xact_id_if_assigned() AND change.unchecked
      AND package.state = 'active' AND package.private IS NOT TRUE
      AND NOT maroc_workflow_is_open(package.id)
$$;

-- A resource's id is its dataset's for ever.
CREATE FUNCTION maroc_workflow_own_id() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO maroc_workflow_resource_id VALUES (NEW.id, NEW.package_id)
    ON CONFLICT DO NOTHING;
    IF NOT EXISTS (SELECT FROM maroc_workflow_resource_id
                   WHERE id = NEW.id AND package_id = NEW.package_id) THEN
        RAISE EXCEPTION 'the id % is another dataset''s', NEW.id
            USING ERRCODE = 'MA003', DETAIL = NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER maroc_workflow_own_id AFTER INSERT OR UPDATE OF id, package_id ON resource
    FOR EACH ROW EXECUTE FUNCTION maroc_workflow_own_id();

-- Institutions whose reviews wait for the ROD above, by that ROD, who may also decide
-- once it is ADD's turn: asked before it is known what they may read, so that it is
-- answered as the owner.
CREATE FUNCTION maroc_workflow_below(rod text) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT DISTINCT package.owner_org FROM maroc_workflow_state AS state
    JOIN package ON package.id = state.package_id
    JOIN "group" AS owner ON owner.id = package.owner_org
    JOIN member ON member.group_id = owner.extras ->> 'parent_institution'
     AND member.table_name = 'user' AND member.state = 'active'
     AND member.capacity = 'admin'
    WHERE state.state = 'submitted' AND state.turn IN ('parent', 'add')
      AND member.table_id = rod
$$;
