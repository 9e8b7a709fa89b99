-- 0005 views: what an admin reads with psql.
--
--   select * from pseudonym where patient_id = '123';
--   select * from uid_pseudonym where replacement_uid = '2.25.…';
--   select * from quarantine order by received_at desc limit 20;
--
-- The first three hold original values: whoever may read them can tell who became whom. Reading here is not noted
-- in the table "audit"; `lethe pseudonyms find` and `export` are.

create view pseudonym as
select
  project.name as project,
  subject.patient_id,
  subject.issuer,
  subject.patient_name,
  subject.birth_date,
  subject.subject_id,
  subject.subject_name,
  subject.shift_days,
  subject.first_seen,
  subject.last_seen,
  (select count(*) from study where study.subject_number = subject.number) as studies
from subject
join project on project.number = subject.project_number;
comment on view pseudonym is 'Who became whom: project, original patient, subject, date shift in days, first and last seen, number of studies.';

create view uid_pseudonym as
select
  project.name as project,
  subject.patient_id,
  subject.issuer,
  subject.subject_id,
  uid_mapping.original_uid,
  uid_mapping.replacement_uid
from uid_mapping
join project on project.number = uid_mapping.project_number
left join subject on subject.number = uid_mapping.subject_number;
comment on view uid_pseudonym is 'Every replaced UID with the patient in whose instance it was seen first.';

create view accession_pseudonym as
select
  project.name as project,
  subject.patient_id,
  subject.issuer,
  subject.subject_id,
  accession_mapping.original_accession,
  accession_mapping.replacement_accession
from accession_mapping
join project on project.number = accession_mapping.project_number
left join subject on subject.number = accession_mapping.subject_number;
comment on view accession_pseudonym is 'Every replaced accession number with the patient in whose instance it was seen first.';

create view transfer as
select
  instance.record_id,
  project.name as project,
  subject.subject_id,
  instance.state,
  instance.sop_class_uid,
  instance.sop_instance_uid as original_sop_instance_uid,
  uid_mapping.replacement_uid as replacement_sop_instance_uid,
  profile_version.name as profile,
  profile_version.digest as profile_digest,
  delivery.destination,
  delivery.state as delivery_state,
  delivery.status,
  delivery.attempts,
  delivery.next_attempt_at,
  delivery.error,
  instance.received_at,
  instance.updated_at
from instance
join project on project.number = instance.project_number
left join subject on subject.number = instance.subject_number
left join profile_version on profile_version.number = instance.profile_number
left join uid_mapping
  on uid_mapping.project_number = instance.project_number and uid_mapping.original_uid = instance.sop_instance_uid
left join delivery on delivery.record_id = instance.record_id;
comment on view transfer is 'Each instance with its original and replacement UID, and a row for each of its destinations.';

create view quarantine as
select
  instance.record_id,
  project.name as project,
  instance.reason,
  instance.message,
  instance.calling_ae_title,
  instance.called_ae_title,
  instance.peer_address,
  instance.sop_class_uid,
  instance.transfer_syntax_uid,
  instance.length,
  instance.received_at,
  instance.updated_at as quarantined_at
from instance
join project on project.number = instance.project_number
where instance.state = 'quarantined';
comment on view quarantine is 'What waits for a person: why, from whom, since when. Holds no identifying value.';
