-- 0007: the accession numbers of a subject, which are looked for in every later instance of the patient.

create index accession_mapping_subject on accession_mapping (subject_number);
