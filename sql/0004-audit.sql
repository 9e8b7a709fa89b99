-- 0004 audit: who asked the pseudonym tables, why and when. The values asked for are never kept.
--
-- Rows can be added, not changed or removed: the trigger refuses it for every role that has not dropped the trigger.

create table audit (
  number bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor text not null,
  action text not null,
  criterion text,
  asked integer not null default 0,
  project text,
  reason text not null check (reason <> '')
);
create index audit_at on audit (at);
comment on table audit is 'One row for each look-up and each export, written before its first row is given out.';
comment on column audit.actor is 'User of the operating system, or of the web page.';
comment on column audit.criterion is 'What was asked by: mrn, subject, uid or accession. Never the value.';
comment on column audit.asked is 'How many values were asked for.';
comment on column audit.project is 'The project the question was limited to; null for all.';

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of the audit are never changed' using errcode = 'insufficient_privilege';
end $$;
create trigger audit_unchanged before update or delete or truncate on audit
  for each statement execute function refuse_audit_change();
