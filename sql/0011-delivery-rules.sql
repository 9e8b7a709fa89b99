-- 0011 delivery rules: order within a series, how long a delivery waits, destinations that are away.
--
-- All of it is written by the roles that run as processes of their own (0009); with everything in one process it stays empty.

alter table delivery add column series text collate "C";
comment on column delivery.series is 'Replacement Series Instance UID, where the destination keeps the order within a series: an earlier one that is not settled holds the later ones back.';
alter table delivery add column received_at timestamptz;
comment on column delivery.received_at is 'When the instance was received, where the destination keeps the order within a series.';
alter table delivery add column waits_since timestamptz;
comment on column delivery.waits_since is 'When the delivery was opened: what is not taken for too long after it is given up.';
alter table delivery add column sender uuid;
comment on column delivery.sender is 'The sender process that has it, until due_at; null while nobody has it.';
create index delivery_series on delivery (destination, series, received_at)
  where state in ('pending', 'retrying') and series is not null;

create table destination_outage (
  destination text primary key,
  since timestamptz not null,
  next_attempt_at timestamptz not null,
  error text not null
);
comment on table destination_outage is 'Destinations that did not answer a sender. The first success takes the row away; taking it away makes senders try again.';
