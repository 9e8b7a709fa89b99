-- 0010 repeats and revisions: what came again under the same SOP Instance UID.
--
-- The digests tell whether an instance that comes again is the one that was delivered, and whether its clean twin would be. Both are
-- those of its receipt (src/pipeline/data-set-digest.ts). Rows from before this file have none: what repeats them is sent again.

alter table instance add column sha256 bytea;
comment on column instance.sha256 is 'SHA-256 of the data set as received; "before" of its receipt.';
alter table instance add column clean_sha256 bytea;
comment on column instance.clean_sha256 is 'SHA-256 of the clean data set; "after" of its receipt.';
alter table instance add column revision integer;
comment on column instance.revision is 'From 2 on: it came under a SOP Instance UID that other content had before.';
alter table instance add column repeats uuid;
comment on column instance.repeats is 'The delivered instance that this one is the same as: it was acknowledged, and not sent again.';

-- What is remembered of the newest ones is read at start.
create index instance_delivered on instance (received_at) where state = 'delivered';

create or replace view transfer as
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
  instance.updated_at,
  instance.revision,
  instance.repeats
from instance
join project on project.number = instance.project_number
left join subject on subject.number = instance.subject_number
left join profile_version on profile_version.number = instance.profile_number
left join uid_mapping
  on uid_mapping.project_number = instance.project_number and uid_mapping.original_uid = instance.sop_instance_uid
left join delivery on delivery.record_id = instance.record_id;
