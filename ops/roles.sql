-- Roles and databases, run by the cluster's superuser at every start; repeatable.
-- The databases' names and the roles' passwords come from the environment, so that
-- no password stands in a process list: MAIN_DATABASE, DATASTORE_DATABASE and
-- PASSWORD_<ROLE> for each role.
--
--   ckan_owner       owns the main database: migrations, the worker, commands
--   ckan_web         the web processes: reads and writes rows, owns nothing; what it
--                    may not change (append-only tables) is revoked table by table
--                    by `ckan maroc-portal prepare`
--   datastore_write  owns the DataStore's tables
--   datastore_read   what DataStore searches run as
\set ON_ERROR_STOP on
\getenv main MAIN_DATABASE
\getenv datastore DATASTORE_DATABASE
\getenv ckan_owner PASSWORD_CKAN_OWNER
\getenv ckan_web PASSWORD_CKAN_WEB
\getenv datastore_write PASSWORD_DATASTORE_WRITE
\getenv datastore_read PASSWORD_DATASTORE_READ
SET client_min_messages = warning;

SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE', name)
FROM unnest(ARRAY['ckan_owner', 'ckan_web', 'datastore_write', 'datastore_read']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

ALTER ROLE ckan_owner PASSWORD :'ckan_owner';
ALTER ROLE ckan_web PASSWORD :'ckan_web';
ALTER ROLE datastore_write PASSWORD :'datastore_write';
ALTER ROLE datastore_read PASSWORD :'datastore_read';

SELECT format('CREATE DATABASE %I OWNER ckan_owner ENCODING ''UTF8''', :'main')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'main') \gexec
SELECT format('CREATE DATABASE %I OWNER datastore_write ENCODING ''UTF8''', :'datastore')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'datastore') \gexec

-- Every query of the web is short; row-level security makes the planner fear otherwise,
-- and compiling took longer than running.
ALTER ROLE ckan_web SET jit = off;

-- DataStore searches words as they stand: English stems would miss French and Arabic.
ALTER ROLE datastore_write SET default_text_search_config = 'pg_catalog.simple';
ALTER ROLE datastore_read SET default_text_search_config = 'pg_catalog.simple';

REVOKE ALL ON DATABASE :"main" FROM PUBLIC;
REVOKE ALL ON DATABASE :"datastore" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"main" TO ckan_web;
GRANT CONNECT ON DATABASE :"datastore" TO ckan_owner, datastore_read;

\connect :"main"
SET client_min_messages = warning;
ALTER SCHEMA public OWNER TO ckan_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO ckan_web;
ALTER DEFAULT PRIVILEGES FOR ROLE ckan_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ckan_web;
ALTER DEFAULT PRIVILEGES FOR ROLE ckan_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO ckan_web;
