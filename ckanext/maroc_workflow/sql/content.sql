-- What the public sees of a dataset, column by column, and its hash.
--
-- Left out is what machines write of themselves: metadata_created, metadata_modified,
-- private and state (whether it is public is decided by this very hash), plugin_data
-- (never shown), creator_user_id; of a file created, last_modified, metadata_modified,
-- size, cache_url, cache_last_updated and whether the DataStore holds it; the view
-- that the loader adds to every table.
-- A test fails when CKAN adds a column that stands in neither list.
CREATE FUNCTION maroc_workflow_content(dataset text) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
SELECT jsonb_build_object(
    'name', package.name, 'title', package.title, 'version', package.version,
    'url', package.url, 'notes', package.notes, 'author', package.author,
    'author_email', package.author_email, 'maintainer', package.maintainer,
    'maintainer_email', package.maintainer_email, 'license_id', package.license_id,
    'type', package.type, 'owner_org', package.owner_org,
    'extras', coalesce(package.extras, '{}'),
    'resources', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'id', resource.id, 'url', resource.url, 'format', resource.format,
            'description', resource.description, 'position', resource.position,
            'hash', resource.hash, 'name', resource.name,
            'resource_type', resource.resource_type, 'mimetype', resource.mimetype,
            'mimetype_inner', resource.mimetype_inner, 'url_type', resource.url_type,
            'extras', coalesce(nullif(resource.extras, '')::jsonb, '{}')
                - '{datastore_active,datastore_contains_all_records_of_source_file}'
                ::text[]
        ) ORDER BY resource.position, resource.id), '[]')
        FROM resource
        WHERE resource.package_id = package.id AND resource.state = 'active'),
    'views', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'id', view.id, 'resource_id', view.resource_id, 'title', view.title,
            'description', view.description, 'view_type', view.view_type,
            'order', view."order", 'config', view.config
        ) ORDER BY view.resource_id, view."order", view.id), '[]')
        FROM resource_view AS view
        JOIN resource ON resource.id = view.resource_id
        WHERE resource.package_id = package.id AND resource.state = 'active'
          AND NOT (view.view_type = 'maroc_table' AND view.title = 'Table'
            AND coalesce(view.description, '') = ''
            AND coalesce(view.config, '') IN ('', '{}', 'null'))),
    'tags', (
        SELECT coalesce(jsonb_agg(jsonb_build_array(tag.name, tag.vocabulary_id)
            ORDER BY tag.name, tag.vocabulary_id), '[]')
        FROM package_tag JOIN tag ON tag.id = package_tag.tag_id
        WHERE package_tag.package_id = package.id AND package_tag.state = 'active'),
    'groups', (
        SELECT coalesce(jsonb_agg(jsonb_build_array(member.group_id, member.capacity)
            ORDER BY member.group_id, member.capacity), '[]')
        FROM member
        WHERE member.table_name = 'package' AND member.table_id = package.id
          AND member.state = 'active' AND member.capacity <> 'organization'),
    'relationships', (
        SELECT coalesce(jsonb_agg(jsonb_build_array(kin.subject_package_id,
            kin.object_package_id, kin.type, kin.comment) ORDER BY kin.id), '[]')
        FROM package_relationship AS kin
        WHERE package.id IN (kin.subject_package_id, kin.object_package_id)
          AND kin.state = 'active')
) FROM package WHERE package.id = dataset
$$;

-- The owner alone reads what others may not; anyone may compare a hash.
REVOKE EXECUTE ON FUNCTION maroc_workflow_content(text) FROM PUBLIC;

CREATE FUNCTION maroc_workflow_hash(dataset text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT encode(sha256(convert_to(maroc_workflow_content(dataset)::text, 'UTF8')),
                  'hex')
$$;
