-- 0009 roles: who works on what, when listeners, workers and senders are processes of their own.
--
-- A claim is a time until which nobody else may take the work: it is renewed while the work lasts, and runs out by itself when the
-- process died. With everything in one process (embedded queue) none of this is written.

alter table instance add column lease_until timestamptz;
comment on column instance.lease_until is 'While deidentifying: the worker that has it renews this; after it, another one may take the instance.';
create index instance_to_work on instance (received_at) where state in ('received', 'deidentifying', 'released');

alter table delivery add column due_at timestamptz;
comment on column delivery.due_at is 'When a sender may take it: set once the clean instance is there; a sender that has it keeps moving it ahead.';
create index delivery_due on delivery (destination, due_at) where state in ('pending', 'retrying') and due_at is not null;

create table destination_place (
  destination text not null,
  place integer not null,
  owner uuid not null,
  until timestamptz not null,
  primary key (destination, place)
);
comment on table destination_place is 'The associations that all senders together may have open to a destination; a place belongs to its owner until the time.';
