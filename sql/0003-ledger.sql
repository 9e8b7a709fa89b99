-- 0003 ledger: how far each received instance came, and each of its deliveries.
--
-- received -> deidentifying -> clean -> delivering -> delivered, or from any of these -> quarantined; a person turns
-- quarantined into released or discarded. Each change is a statement that names the states it may leave
-- (src/store/transitions.ts), so that a change made twice changes nothing. The spool is the truth of what was
-- received; a ledger that lost its last rows is brought up to date from it at start.
--
-- Counting ten million rows takes seconds. The triggers below note each statement's changes of state as one small row per
-- state in a tally, whoever makes the change; the sum of the tally is the count. Rows of the tally are only ever
-- added, so that writers never wait for each other, and are folded together now and then.

create table profile_version (
  number integer generated always as identity primary key,
  name text not null,
  digest text not null,
  unique (name, digest)
);
comment on table profile_version is 'The profiles that were applied, each by name and digest of its content.';

create table instance (
  record_id uuid primary key,
  project_number integer not null,
  subject_number integer,
  profile_number integer,
  state text not null check (state in
    ('received', 'deidentifying', 'clean', 'delivering', 'delivered', 'quarantined', 'released', 'discarded')),
  reason text,
  message text,
  calling_ae_title text not null,
  called_ae_title text not null,
  peer_address text not null,
  sop_class_uid text not null,
  sop_instance_uid text not null,
  transfer_syntax_uid text not null,
  length bigint not null,
  checksum bigint not null,
  received_at timestamptz not null,
  updated_at timestamptz not null default now()
);
create index instance_unfinished on instance (received_at)
  where state in ('received', 'deidentifying', 'clean', 'delivering', 'released');
create index instance_quarantined on instance (received_at, record_id) where state = 'quarantined';
comment on table instance is 'One row for each instance that was acknowledged to its sender.';
comment on column instance.record_id is 'Our own random id; also its name in the spool and in the log.';
comment on column instance.reason is 'Why it is in quarantine; a code of the closed list in src/core/errors.ts.';
comment on column instance.message is 'One sentence about it, free of identifying values.';
comment on column instance.sop_instance_uid is 'Original UID; the view "transfer" has the replacement beside it.';
comment on column instance.length is 'Bytes of the data set as received.';
comment on column instance.checksum is 'CRC-32 of the data set as received.';

create table delivery (
  record_id uuid not null,
  destination text not null,
  state text not null check (state in ('pending', 'sent', 'retrying', 'dead')),
  status integer,
  attempts integer not null default 0,
  next_attempt_at timestamptz,
  error text,
  updated_at timestamptz not null default now(),
  primary key (record_id, destination)
);
create index delivery_troubled on delivery (destination, updated_at) where state in ('retrying', 'dead');
comment on table delivery is 'One row for each instance and destination.';
comment on column delivery.status is 'The C-STORE status of the destination, once it was sent.';
comment on column delivery.next_attempt_at is 'When it is tried again, while retrying.';

create table instance_tally (state text not null, change bigint not null);
comment on table instance_tally is 'The sum of "change" per state is the number of instances in it.';

create table delivery_tally (destination text not null, state text not null, change bigint not null);
comment on table delivery_tally is 'The sum of "change" per destination and state is the number of deliveries in it.';

create function tally_instances() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into instance_tally select state, count(*) from new_rows group by state;
  elsif tg_op = 'DELETE' then
    insert into instance_tally select state, -count(*) from old_rows group by state;
  else
    insert into instance_tally
    select state, sum(change)
    from (
      select state, 1 as change from new_rows
      union all
      select state, -1 from old_rows
    ) as changes
    group by state
    having sum(change) <> 0;
  end if;
  return null;
end $$;
create trigger instance_inserted after insert on instance
  referencing new table as new_rows for each statement execute function tally_instances();
create trigger instance_updated after update on instance
  referencing old table as old_rows new table as new_rows for each statement execute function tally_instances();
create trigger instance_deleted after delete on instance
  referencing old table as old_rows for each statement execute function tally_instances();

create function tally_deliveries() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into delivery_tally select destination, state, count(*) from new_rows group by destination, state;
  elsif tg_op = 'DELETE' then
    insert into delivery_tally select destination, state, -count(*) from old_rows group by destination, state;
  else
    insert into delivery_tally
    select destination, state, sum(change)
    from (
      select destination, state, 1 as change from new_rows
      union all
      select destination, state, -1 from old_rows
    ) as changes
    group by destination, state
    having sum(change) <> 0;
  end if;
  return null;
end $$;
create trigger delivery_inserted after insert on delivery
  referencing new table as new_rows for each statement execute function tally_deliveries();
create trigger delivery_updated after update on delivery
  referencing old table as old_rows new table as new_rows for each statement execute function tally_deliveries();
create trigger delivery_deleted after delete on delivery
  referencing old table as old_rows for each statement execute function tally_deliveries();
