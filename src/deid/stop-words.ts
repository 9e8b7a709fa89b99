// Words that stand in name fields of phantoms, tests and vendors' samples, and in vocabularies: as a part of a name they are
// not looked for elsewhere, or "Head" would go from every code meaning. The whole name still is.

const VENDORS =
  'agfa brainlab bruker canon carestream elekta elscint fuji fujifilm gems hitachi hologic kodak konica mindray minolta ' +
  'olympus orthanc philips picker samsung shimadzu siemens toshiba varian healthcare healthineers medical systems';
const PLACEHOLDERS =
  'anonymous demo example first last name none null patient phantom sample test testing unknown first middle mister doctor';
const CLINICAL =
  'abdomen acute adult ankle aorta arm artery axial bone brain breast cardiac cervical chest child compression contrast ' +
  'coronal coronary cranial delayed dose early echo elbow eye fat female femur finger foot forearm hand head heart hip ' +
  'image imaging knee late lateral left leg liver lumbar lung male mask muscle neck pelvis perfusion phase plane right ' +
  'sagittal sequence series shoulder skin skull slice soft spine stroke study thorax timing tissue tumor venous vessel ' +
  'volume water wrist overlay compressed compression samples ray scan scout time type value standard normal';
/** Devices and programs have names of people's form too: `Workflow^RIS`. */
const SYSTEMS = 'archive dicom gateway interface pacs ris server system user workflow workstation';
const FILLERS = 'and for from good not the very with';

export const STOP_WORDS: ReadonlySet<string> = new Set(
  `${VENDORS} ${PLACEHOLDERS} ${CLINICAL} ${SYSTEMS} ${FILLERS}`.split(' '),
);
