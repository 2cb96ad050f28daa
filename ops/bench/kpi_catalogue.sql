-- A made-up catalogue of :size datasets with three files each, in :institutions
-- institutions. Every number comes from the dataset's own, so that the same size is
-- always the same catalogue.

-- It is made below the gate, in a database that nobody reads: what triggers would note
-- down is not asked for, and what only other questions need is not built.
ALTER TABLE package DISABLE TRIGGER USER;
ALTER TABLE resource DISABLE TRIGGER USER;
ALTER TABLE maroc_workflow_version DISABLE TRIGGER USER;
ALTER TABLE maroc_workflow_decision DISABLE TRIGGER USER;
ALTER TABLE maroc_usage_daily DISABLE TRIGGER USER;
ALTER TABLE resource DROP CONSTRAINT IF EXISTS resource_package_id_fkey;
DROP INDEX IF EXISTS idx_pkg_lname, idx_pkg_slname, idx_pkg_stitle, idx_pkg_suname,
    idx_pkg_uname, idx_package_resource_id, idx_package_resource_url;

TRUNCATE "group", package, resource, member, maroc_usage_daily, maroc_files_file,
    maroc_files_load, maroc_workflow_version, maroc_workflow_decision,
    maroc_kpi_value, maroc_kpi_history, maroc_kpi_refresh, maroc_kpi_facts_state,
    maroc_kpi_dirty CASCADE;

INSERT INTO "group" (id, name, title, type, is_organization, state, approval_status,
                     created, extras)
SELECT md5('institution ' || n), 'etablissement-' || n, 'Établissement ' || n,
       'organization', true, 'active', 'approved', '2020-01-01',
       jsonb_strip_nulls(jsonb_build_object(
         'title_translated',
         json_build_object('fr', 'Établissement ' || n, 'ar', 'مؤسسة ' || n)::text,
         'body_kind', 'collectivite-territoriale',
         -- One in ten is above the nine that follow it.
         'parent_institution',
         CASE WHEN n % 10 > 0 THEN md5('institution ' || n - n % 10) END))
FROM generate_series(0, :institutions - 1) AS n;

INSERT INTO member (id, group_id, table_id, table_name, capacity, state)
SELECT md5(capacity || n), md5('institution ' || n), md5('person' || n), 'user',
       capacity, 'active'
FROM generate_series(0, :institutions - 1) AS n,
     (VALUES ('admin'), ('editor')) AS role (capacity);

INSERT INTO package (id, name, title, notes, type, state, private, owner_org,
                     license_id, metadata_created, metadata_modified, extras,
                     plugin_data)
SELECT md5('dataset ' || n), 'jeu-de-donnees-' || n, 'Jeu de données numéro ' || n,
       repeat('Une ligne par commune et par année, avec les unités. ', 4),
       'dataset', 'active', n % 20 = 0,
       -- A few institutions publish much, most publish little.
       md5('institution ' || floor(:institutions * power((CAST(n AS bigint) * 7919) % :size
           / CAST(:size AS numeric), 2))),
       CASE n % 3 WHEN 0 THEN '' ELSE 'odc-odbl' END,
       timestamp '2021-01-01' + n % 1500 * interval '1 day',
       timestamp '2025-06-01' + n % 400 * interval '1 day',
       jsonb_strip_nulls(jsonb_build_object(
         'title_translated', json_build_object(
           'fr', 'Jeu de données numéro ' || n,
           'ar', CASE WHEN n % 2 = 0 THEN 'مجموعة البيانات رقم ' || n ELSE '' END)::text,
         'notes_translated', json_build_object(
           'fr', repeat('Une ligne par commune et par année, avec les unités. ', 4),
           'ar', CASE WHEN n % 4 = 0
             THEN repeat('سطر لكل جماعة ولكل سنة، مع الوحدات. ', 4) ELSE '' END)::text,
         'tags_translated', CASE WHEN n % 5 > 0
           THEN '{"fr": ["communes", "population"], "ar": ["جماعات"]}' END,
         'theme', (:themes)[1 + n % cardinality(:themes)],
         'art10_category', CASE WHEN n % 2 = 0
           THEN (:categories)[1 + n % cardinality(:categories)] END,
         'collection_frequency', (ARRAY['ANNUAL', 'MONTHLY', 'QUARTERLY', 'DAILY',
           'IRREG', 'WEEKLY', 'ANNUAL_2'])[1 + n % 7],
         'geographic_coverage', CASE WHEN n % 6 > 0 THEN '["03.231.01.0"]' END,
         'temporal_start', CASE WHEN n % 3 > 0 THEN '2024-01-01' END,
         'temporal_end', CASE WHEN n % 3 > 0 THEN '2024-12-31' END,
         'series', CASE WHEN n % 5 = 0 THEN 'serie-' || n / 60 END,
         'contact_email', CASE WHEN n % 8 > 0 THEN 'donnees@example.ma' END,
         'source', 'Établissement', 'issued', '2024-03-01',
         'classification', 'non-classifie', 'classification_date', '2024-02-01',
         'art7_scope', 'aucune', 'third_party', 'non', 'personal_data', 'aucune')),
       '{}'
FROM generate_series(0, :size - 1) AS n;

INSERT INTO maroc_files_file (sha256, size, mimetype)
SELECT encode(sha256(CAST('file ' || n AS bytea)), 'hex'), 1000 + n,
       CASE n % 20 WHEN 0 THEN 'application/pdf' ELSE 'text/csv' END
FROM generate_series(0, :size * 3 - 1) AS n WHERE n % 4 > 0;

INSERT INTO resource (id, package_id, url, format, name, position, state, url_type,
                      hash, size, mimetype, extras)
SELECT md5('file ' || n), md5('dataset ' || n / 3),
       'https://donnees.example/' || n || '.csv',
       CASE n % 20 WHEN 0 THEN 'PDF' WHEN 1 THEN 'XLSX' ELSE 'CSV' END,
       'communes-' || n / 2 || CASE n % 20 WHEN 0 THEN '.pdf' ELSE '.csv' END,
       n % 3, 'active', CASE WHEN n % 4 > 0 THEN 'upload' ELSE '' END,
       CASE WHEN n % 4 > 0
         THEN encode(sha256(CAST('file ' || n AS bytea)), 'hex') ELSE '' END,
       CASE WHEN n % 4 > 0 THEN 1000 + n END,
       CASE WHEN n % 4 > 0 THEN 'text/csv' END,
       CASE WHEN n % 15 = 2 THEN '{"role": "documentation"}'
         ELSE '{"name_translated": "{\"fr\": \"Communes\", \"ar\": \"جماعات\"}"}' END
FROM generate_series(0, :size * 3 - 1) AS n;

INSERT INTO maroc_files_load (resource_id, package_id, state, stamp)
SELECT md5('file ' || n), md5('dataset ' || n / 3),
       CASE n % 40 WHEN 7 THEN 'failed' ELSE 'loaded' END, 'made'
FROM generate_series(0, :size * 3 - 1) AS n WHERE n % 4 > 0 AND n % 20 > 1;

INSERT INTO maroc_workflow_version (package_id, resource_id, sha256, opened_at, decision)
SELECT md5('dataset ' || n / 3), md5('file ' || n), md5(n || ' ' || k),
       timestamptz '2025-01-01' + (n / 3 % 330 + k * 29) * interval '1 day', 1
FROM generate_series(0, :size * 3 - 1) AS n, generate_series(0, 1) AS k
WHERE n % 3 = 0 OR k = 0;

INSERT INTO maroc_workflow_decision (package_id, n, at, kind, content_hash, name,
  owner_org, author_id, approver_id, authors, policy, policy_version, verdict, previous,
  row_hash)
SELECT p.id, 1, p.metadata_created, kind, 'made', p.name, p.owner_org, 'author',
       CASE kind WHEN 'review' THEN 'approver' END, '{author}',
       CASE kind WHEN 'policy' THEN 'legal' END, CASE kind WHEN 'policy' THEN 1 END,
       '{"outcome": "publish"}', 'made', 'made'
FROM package AS p, LATERAL (
  SELECT CASE right(p.name, 1) WHEN '3' THEN 'review' ELSE 'policy' END AS kind) AS of_it
WHERE NOT p.private;

INSERT INTO maroc_usage_daily (day, kind, agent_class, dataset_id, resource_id,
                               organization_id, total, uniq, uniq_resource)
SELECT date '2026-01-01' + CAST(day AS integer), 'download', agent_class, p.id,
       'all', p.owner_org, 1 + day % 9, 1, 1
FROM package AS p, generate_series(0, 6) AS day,
     (VALUES ('regular'), ('machine'), ('robot')) AS agent (agent_class)
WHERE right(p.name, 2) = '11';

VACUUM ANALYZE "group", member, package, resource, maroc_files_file, maroc_files_load,
    maroc_workflow_version, maroc_workflow_decision, maroc_usage_daily;
