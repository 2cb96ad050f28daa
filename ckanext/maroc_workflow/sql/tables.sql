-- Where each dataset stands. One row per dataset that was ever written; what it says
-- may change, what was decided may not.
CREATE TABLE maroc_workflow_state (
    package_id text PRIMARY KEY,
    state text NOT NULL DEFAULT 'draft' CHECK (state IN (
        'draft', 'checking', 'submitted', 'changes_requested', 'scheduled',
        'published', 'withdrawn')),
    since timestamptz NOT NULL DEFAULT now(),
    -- Who wrote it since the last decision: none of them may approve it.
    authors text[] NOT NULL DEFAULT '{}',
    submitted_at timestamptz,
    submitted_by text,
    release_at timestamptz,
    -- The ROD's words, by field; '' is the dataset as a whole.
    remarks jsonb NOT NULL DEFAULT '{}',
    -- A revision: the public dataset that it would change, and the content it began from.
    revision_of text UNIQUE,
    base jsonb NOT NULL DEFAULT '{}',
    -- Whose turn it is to decide, since when.
    turn text NOT NULL DEFAULT 'rod' CHECK (turn IN ('rod', 'deputy', 'parent', 'add')),
    turn_since timestamptz
);
CREATE INDEX ON maroc_workflow_state (state, submitted_at);

-- Every decision, for ever. ``n``, ``at``, ``previous`` and ``row_hash`` are the
-- database's own: see lock.sql.
CREATE TABLE maroc_workflow_decision (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    package_id text NOT NULL,
    n integer NOT NULL,
    at timestamptz NOT NULL,
    kind text NOT NULL CHECK (kind IN ('review', 'policy', 'batch', 'feed', 'withdraw')),
    -- What it opens; a withdrawal opens nothing.
    content_hash text CHECK ((kind = 'withdraw') = (content_hash IS NULL)),
    opens_at timestamptz,
    -- The address at that time, so that it can answer "gone".
    name text NOT NULL,
    owner_org text,
    author_id text NOT NULL,
    authors text[] NOT NULL DEFAULT '{}',
    approver_id text,
    -- In whose stead the approver decided: 'rod', 'deputy', 'parent' or 'add'.
    stead text,
    policy text,
    policy_version integer,
    verdict jsonb NOT NULL DEFAULT '{}',
    article text,
    reason text,
    examine_by date,
    revision_id text,
    -- A feed: the columns, the legal block and the account that it is bound to.
    bound jsonb,
    until date,
    previous text NOT NULL,
    row_hash text NOT NULL,
    UNIQUE (package_id, n),
    -- Four eyes: who approves wrote none of it.
    CHECK (kind <> 'review' OR (approver_id IS NOT NULL
        AND approver_id <> author_id AND NOT approver_id = ANY (authors))),
    CHECK (kind <> 'policy' OR (policy IS NOT NULL AND policy_version IS NOT NULL)),
    CHECK (kind <> 'batch' OR examine_by IS NOT NULL),
    -- Who adds rows did not allow it to themselves.
    CHECK (kind <> 'feed' OR (bound IS NOT NULL AND until IS NOT NULL
        AND approver_id IS NOT NULL AND approver_id <> author_id))
);
CREATE INDEX ON maroc_workflow_decision (name);
CREATE INDEX ON maroc_workflow_decision (at);

-- Whose each resource was, for ever: an id is never used again for another dataset.
CREATE TABLE maroc_workflow_resource_id (
    id text PRIMARY KEY,
    package_id text NOT NULL
);
INSERT INTO maroc_workflow_resource_id SELECT id, package_id FROM resource;

-- A ROD's stand-in between two dates.
CREATE TABLE maroc_workflow_delegation (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id text NOT NULL,
    from_user text NOT NULL,
    to_user text NOT NULL CHECK (to_user <> from_user),
    starts date NOT NULL,
    ends date NOT NULL CHECK (ends >= starts),
    made_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz
);
CREATE INDEX ON maroc_workflow_delegation (to_user, ends);

-- Each night, one digest over the heads of all chains: published and mailed, so that
-- the proof lies outside this database.
CREATE TABLE maroc_workflow_digest (
    day date PRIMARY KEY,
    heads bigint NOT NULL,
    digest text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
);

-- Whenever somebody of ADD looks at what is not public: the first time of each day,
-- Casablanca time, for each way of looking.
CREATE TABLE maroc_workflow_consultation (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    day date NOT NULL,
    user_id text NOT NULL,
    package_id text NOT NULL,
    owner_org text,
    what text NOT NULL CHECK (what IN ('page', 'api', 'download', 'data')),
    UNIQUE (user_id, package_id, what, day)
);
CREATE INDEX ON maroc_workflow_consultation (owner_org, id);
CREATE INDEX ON maroc_workflow_consultation (package_id, id);

-- The bytes that decisions opened, by version: they stay at an address of their own
-- while the dataset is public.
CREATE TABLE maroc_workflow_version (
    package_id text NOT NULL,
    resource_id text NOT NULL,
    sha256 text NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT now(),
    name text NOT NULL DEFAULT '',
    size bigint,
    decision integer NOT NULL,
    -- One by one: when, by whom and why; by nobody where a feed replaced it the same day.
    closed_at timestamptz,
    closed_by text,
    reason text,
    PRIMARY KEY (resource_id, sha256),
    CHECK (closed_by IS NULL OR (closed_at IS NOT NULL AND reason IS NOT NULL))
);
CREATE INDEX ON maroc_workflow_version (package_id, opened_at);

-- Standing decisions on living tables: what one account may add, until a day. What was
-- decided stands in the decisions; this row is what of it is in force.
CREATE TABLE maroc_workflow_feed (
    resource_id text PRIMARY KEY,
    package_id text NOT NULL,
    account_id text NOT NULL,
    given_by text NOT NULL CHECK (given_by <> account_id),
    given_at timestamptz NOT NULL DEFAULT now(),
    stead text NOT NULL,
    until date NOT NULL,
    bound jsonb NOT NULL,
    -- The file as the decision, or the feed, left it.
    sha256 text NOT NULL,
    ended_at timestamptz
);
CREATE INDEX ON maroc_workflow_feed (package_id);

-- What each push brought: rows taken in, rows refused and why, never a value.
CREATE TABLE maroc_workflow_feed_report (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    resource_id text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    -- The program's own name for it: the same push twice counts once.
    push_id text,
    method text NOT NULL CHECK (method IN ('append', 'replace')),
    received integer NOT NULL,
    accepted integer NOT NULL,
    refused jsonb NOT NULL DEFAULT '[]',
    sha256 text NOT NULL,
    UNIQUE (resource_id, push_id)
);
CREATE INDEX ON maroc_workflow_feed_report (resource_id, at);

-- What people are told, on their page and by mail.
CREATE TABLE maroc_workflow_notice (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id text NOT NULL,
    event text NOT NULL,
    package_id text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    message bigint NOT NULL,
    mailed_at timestamptz,
    read_at timestamptz,
    UNIQUE (user_id, message)
);
CREATE INDEX ON maroc_workflow_notice (user_id, at);
