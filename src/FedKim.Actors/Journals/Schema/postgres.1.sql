-- Version 1. The tables of Akka.Persistence.Sql as it makes them itself, so that a journal it made (version 0) only lacks the rest.

CREATE TABLE IF NOT EXISTS journal (
  ordering        bigint  NOT NULL GENERATED ALWAYS AS IDENTITY,
  created         bigint  NOT NULL,
  deleted         boolean NOT NULL,
  persistence_id  text    NOT NULL,
  sequence_number bigint  NOT NULL,
  message         bytea   NOT NULL,
  manifest        text,
  identifier      integer,
  writer_uuid     text,
  CONSTRAINT "PK_journal" PRIMARY KEY (ordering),
  -- Two writers of one history: the second one's event fails here.
  CONSTRAINT journal_uq UNIQUE (persistence_id, sequence_number)
);
CREATE INDEX IF NOT EXISTS journal_created_idx ON journal (created);
CREATE INDEX IF NOT EXISTS journal_sequence_number_idx ON journal (sequence_number);

CREATE TABLE IF NOT EXISTS tags (
  ordering_id    bigint NOT NULL,
  tag            text   NOT NULL,
  sequence_nr    bigint NOT NULL,
  persistence_id text   NOT NULL,
  CONSTRAINT "PK_tags" PRIMARY KEY (ordering_id, tag)
);
CREATE INDEX IF NOT EXISTS tags_persistence_id_sequence_nr_idx ON tags (persistence_id, sequence_nr);
CREATE INDEX IF NOT EXISTS tags_tag_idx ON tags (tag);

CREATE TABLE IF NOT EXISTS snapshot (
  persistence_id  text   NOT NULL,
  sequence_number bigint NOT NULL,
  created         bigint NOT NULL,
  snapshot        bytea,
  manifest        text,
  serializer_id   integer,
  CONSTRAINT "PK_snapshot" PRIMARY KEY (persistence_id, sequence_number)
);
CREATE INDEX IF NOT EXISTS snapshot_sequence_number_idx ON snapshot (sequence_number);
CREATE INDEX IF NOT EXISTS snapshot_created_idx ON snapshot (created);

CREATE TABLE IF NOT EXISTS journal_metadata (
  persistence_id  text   NOT NULL,
  sequence_number bigint NOT NULL,
  CONSTRAINT "PK_journal_metadata" PRIMARY KEY (sequence_number, persistence_id)
);

-- Times are those of the database server.
CREATE TABLE IF NOT EXISTS fedkim_lease (
  name    text        NOT NULL PRIMARY KEY,
  owner   text        NOT NULL,
  version bigint      NOT NULL,
  renewed timestamptz NOT NULL,
  expires timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS fedkim_schema (version integer NOT NULL PRIMARY KEY);
INSERT INTO fedkim_schema (version) VALUES (1);
