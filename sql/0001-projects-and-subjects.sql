-- 0001 projects and subjects: who became whom.
--
-- Run by `lethe start` and `lethe migrate` (src/store/migrate.ts), never by hand. An applied file is never edited:
-- its SHA-256 is compared at each start. A change is a new file.
--
-- One SQL dialect for Postgres 14 and later and for the embedded PGlite. What a person reads are the views of
-- 0005-views.sql; the tables keep their references as small integers so that ten million rows stay quick to look up. Keys are in collation
-- "C": byte order is quickest, and an index does not depend on the server's operating system.

create table project (
  number integer generated always as identity primary key,
  name text not null unique,
  last_sequence integer not null default 0,
  key_fingerprint text,
  created_at timestamptz not null default now()
);
comment on table project is 'A project of the configuration. Pseudonyms of two projects have nothing in common.';
comment on column project.last_sequence is 'The number that {sequence:N} gave out last. Taken under a lock of this row, in the transaction that adds the subject: no gaps.';
comment on column project.key_fingerprint is 'Tells whether the key file at hand is the one that the pseudonyms here were made with. Tells nothing about the key.';

create table subject (
  number integer generated always as identity primary key,
  project_number integer not null references project,
  patient_key text collate "C" not null,
  patient_id text collate "C" not null,
  issuer text not null,
  patient_name text not null,
  birth_date text not null,
  subject_id text collate "C" not null,
  subject_name text not null,
  shift_days integer not null,
  first_seen timestamptz not null default now(),
  last_seen timestamptz not null default now(),
  constraint subject_patient_key unique (project_number, patient_key),
  constraint subject_subject_id unique (project_number, subject_id)
);
create index subject_patient_id on subject (patient_id);
comment on table subject is 'A patient (original values) and the subject that this patient is in a project.';
comment on column subject.patient_key is 'Keyed hash of patient id and issuer; of name and birth date where the id is empty.';
comment on column subject.patient_name is 'As it came first; a later change of name leaves the subject as it is.';
comment on column subject.birth_date is 'YYYYMMDD as it came first; empty when absent.';
comment on column subject.shift_days is 'Days added to every date of this subject; 0 or negative.';
