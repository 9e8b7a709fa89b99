-- 0002 mappings: original UIDs, studies and accession numbers, and what replaced them.
--
-- A replacement is a keyed hash of its original, so the same original always maps to the same replacement and these
-- tables are there for looking back. They are written in batches, each row once ("on conflict do nothing"), and have no
-- foreign keys: a check per row would cost more than the row. `subject_number` is null where the subject is not known.
--
-- An original longer than 256 characters is kept as its first 180 characters, an ellipsis and its SHA-256
-- (src/store/text.ts): look-ups shorten what they are asked in the same way.

create table uid_mapping (
  project_number integer not null,
  subject_number integer,
  original_uid text collate "C" not null,
  replacement_uid text collate "C" not null,
  primary key (project_number, original_uid)
);
create index uid_mapping_replacement on uid_mapping using hash (replacement_uid);
comment on table uid_mapping is 'Every UID that was replaced: instances, series, studies, frames of reference and the rest.';
comment on column uid_mapping.subject_number is 'The subject in whose instance the UID was seen first.';

create table study (
  project_number integer not null,
  subject_number integer,
  original_study_uid text collate "C" not null,
  replacement_study_uid text collate "C" not null,
  first_seen timestamptz not null default now(),
  primary key (project_number, original_study_uid)
);
create index study_subject on study (subject_number);
comment on table study is 'The studies of each subject. Their UIDs are in uid_mapping as well.';

create table accession_mapping (
  project_number integer not null,
  subject_number integer,
  original_accession text collate "C" not null,
  replacement_accession text collate "C" not null,
  primary key (project_number, original_accession)
);
create index accession_mapping_replacement on accession_mapping using hash (replacement_accession);
comment on table accession_mapping is 'Every accession number that was replaced.';
