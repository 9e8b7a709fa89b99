// Names that are also words of medicine or of the language, and the neighbours beside which they are words.

/** People after whom diseases, views, fractures, scores and structures are called. */
export const EPONYMS: readonly string[] = (
  'achilles addison agatston allen alzheimer arnold baker bankart barre barrett barthel barton behcet bell bennett bentall billroth binswanger blalock bloch blumensaat bosniak bouchard breslow broden bruce budd ' +
  'burkitt caldwell calve camp castleman chagas chance charcot charnley chiari child chopart clark cobb colles conn cooper coventry crohn crohns cushing cushings dandy de down downs douglas duchenne duke dunn dupuytren ebstein ehlers eisenmenger ellis ' +
  'ellestad erb ernst evans ewing ewings fabry fallot fanconi fazekas ferguson fick fleischner foley fontan frank fuhrman galeazzi galen ganz garden garth gaucher gerota glasgow gleason glenn goldenhar graf grashey grave graves greulich guillain guyon ' +
  'hamilton harris hartmann hashimoto hickman hill hippel hirschsprung hodgkin hodgkins hoffa horner hounsfield hunt hunter huntington insall jacob jacobs jefferson johnson jones judet judkins kager kaposi kasai kawasaki kerley kienbock kirschner klinefelter ' +
  'kohler krukenberg kummel labbe lachman larmor lauenstein law lee legg lewy lindau lisfranc lister ludwig luschka lyme mallory marfan marie mason mayer meckel meniere menke merchant miller mobitz monro monteggia morgan morison morquio morton murray naughton ' +
  'neer nissen noonan norton norwood osgood osler paget pagets pancoast parkinson parkinsons patlak perthes peyronie pick pott potts pompe pugh pyle rankin rathke raynaud recklinghausen reid reiter reye rhese risser robert rosenberg ross roux sachs salter ' +
  'scarpa schatzker scheuermann schlatter schmorl schuller schwann sever sharp shenton simpson sinding sjogren smith spigelian stecher stein steinert stenvers stewart still stryker sturge swan swift swyer sylvius takayasu tanner tarlov taussig tay ' +
  'thomas thompson tofts tooth tourette towne towns trendelenburg trolard turner virchow wagner walker warthin waters watson weber wegener wernicke west whipple whitaker white willis wilms wilson wilsons winslow wolff wood young zanca zenker ' +
  'basedow bland brown buerger christian curtis danlos fisher garland golden hampton hugh kellie kerley langerhans leriche martin meckels rasmussen robin schroetter schuller sequard simon spetzler strauss thurner westermark willebrand'
).split(' ');

/** What follows an eponym: "Wilson disease", "Paget's disease", "Jones fracture", "Waters view". */
export const EPONYM_HEADS: readonly string[] = (
  'disease syndrome sign palsy lymphoma fracture view views projection method score angle cyst neuroma nodule nodules node nodes duct ring classification criteria test maneuver manoeuvre operation procedure shunt tumor tumour ' +
  'sarcoma malformation deformity index scale tetralogy pouch ligament pad catheter contracture hernia triangle foramen phenomenon epilepsy encephalopathy thyroiditis arthropathy nephropathy dementia chorea ataxia atrophy lesion ' +
  'defect esophagus oesophagus anomaly degeneration contusion position treadmill dystrophy myopathy neuropathy units unit gangrene drain tube stain bodies dislocation reconstruction ophthalmopathy orbitopathy goiter ' +
  'krankheit syndrom zeichen fraktur maladie sindrome enfermedad malattia morbo ziekte doenca koerper klassifikation aufnahme diverticulum lines stage ' +
  'zyste cyste kyste quiste cisti hump foci grade'
).split(' ');

/** What stands before an eponym: "Morbus Crohn", "maladie de Crohn", "circle of Willis", "tetralogy of Fallot". */
export const BEFORE_EPONYM: readonly string[] =
  'morbus maladie enfermedad malattia morbo doenca ziekte syndrome sindrome circle tetralogy pouch pseudo non foramen vein ligament law anti s kyste quiste cisti cyste zyste'.split(
    ' ',
  );

/** Neighbours of one word: the word is no name beside one of them. `#` is a number. */
export interface Neighbours {
  readonly next?: readonly string[];
  readonly before?: readonly string[];
}

function neighbours(next: string, before = ''): Neighbours {
  return { next: next === '' ? [] : next.split(' '), before: before === '' ? [] : before.split(' ') };
}

const SEQUENCE =
  'sequence seq t w f ip op fs tse gre vibe cor sag ax tra axial coronal sagittal water fat in opp iso dd post pre gd';
const VERBS =
  'be show have represent indicate need suggest reflect require help also not include cause explain reveal demonstrate correspond appear benefit result contribute well still occur affect improve';
const COLOURED = 'matter fat blood blut line lines lesion lesions spot dot';

/** Words of the language that are names as well; without one of these neighbours they are taken for the name. */
export const COLLOCATIONS: Readonly<Record<string, Neighbours>> = {
  white: neighbours(`${COLOURED} point out cell cells rice balance test noise blood`, 'black grey gray and'),
  black: neighbours(`${COLOURED} bone and out`, 'white dark'),
  brown: neighbours(`${COLOURED} tumor tumour adipose`),
  gray: neighbours('matter scale white level levels'),
  grey: neighbours('matter scale white level levels'),
  green: neighbours('palette light channel dye laser filter', 'indocyanine'),
  blue: neighbours('light dye dot nevus', 'methylene'),
  red: neighbours('marrow flag flags channel cell cells'),
  gold: neighbours('standard seeds seed marker markers'),
  long: neighbours(
    'axis leg legs bone bones segment head te tr acting term standing acq echo tau scan bolus delay view length lower axial spine thoracic cass t code label',
    'horizontal vertical',
  ),
  longo: neighbours('eixo'),
  lang: neighbours('achse kurz'),
  lange: neighbours('achse as', 'kurze'),
  kurz: neighbours('achse lang'),
  klein: neighbours('hirn'),
  gross: neighbours('hirn tumor total'),
  schwarz: neighbours('blut'),
  weiss: neighbours('substanz'),
  braun: neighbours('tumor'),
  short: neighbours('axis te tr ti tau leg acq segment term echo scan bolus inversion stack bowel delay', 'cine'),
  small: neighbours(
    'bowel fov parts joint joints bore part vessel animal volume nodule nodules lesion cell effusion hernia intestine infant amount field',
    'left too very',
  ),
  large: neighbours('bowel fov field vessel volume lesion effusion patient focus cell'),
  young: neighbours('adult adults women men child patient infant', 'too'),
  old: neighbours(
    'fracture infarct infarction injury exam study scan protocol lesion',
    'year years yo month months days',
  ),
  may: neighbours(`${VERBS} thurner`),
  will: neighbours(VERBS),
  can: neighbours(VERBS),
  might: neighbours(VERBS),
  down: neighbours('syndrome sampled stream sampling side', 'pull sit lie head face step look looking slow'),
  up: neighbours('right', 'follow work set wind'),
  dixon: neighbours(SEQUENCE, `m q mdixon ${SEQUENCE} vibe tse tirm stir me`),
  bravo: neighbours(SEQUENCE, `${SEQUENCE} c fspgr`),
  cube: neighbours(SEQUENCE, SEQUENCE),
  max: neighbours(
    '# x y density gamma energy aperture ip intensity value dose flow slope mip projection stress hr',
    'suv t v tmax p dose mip proj density gamma',
  ),
  min: neighbours(
    '# x y density gamma energy ip intensity value delay post pi mip late',
    '# ip mip suv delay density gamma',
  ),
  ray: neighbours('sum dicom', 'x gamma'),
  art: neighbours('phase phasen ven pv fs', 'early late spat'),
  pat: neighbours('# x factor position', 'i'),
  tim: neighbours('ct trio system coil app planning'),
  mar: neighbours('# recon on off', 'i o with no'),
  rao: neighbours('# lao caud cran caudal cranial view', '# lao'),
  lao: neighbours('# rao caud cran caudal cranial view', '# rao'),
  mark: neighbours('up ups points point sheet', 'skin'),
  grant: neighbours('funded number'),
  rose: neighbours('bengal thorn'),
  park: neighbours('bench'),
  li: neighbours('fraumeni'),
  dean: neighbours('flow'),
  frank: neighbours('starling edema hematuria blood'),
  gene: neighbours('therapy expression'),
  bill: neighbours('only'),
  rich: neighbours('plasma', 'fat protein lipid'),
  grace: neighbours('score'),
  hope: neighbours('trial'),
  angel: neighbours('wing'),
  case: neighbours('study # report'),
  page: neighbours('# of kidney'),
  price: neighbours('list'),
  bush: neighbours('sign'),
  ball: neighbours('joint valve catcher and', 'fungus golf'),
  field: neighbours(
    'of map mapping strength view size delta',
    'visual magnetic near far high low light b # wide of radiation exposure treatment scan',
  ),
  fields: neighbours('of', 'lung visual'),
  stone: neighbours('protocol ct search hunt study disease', 'kidney renal ureteral bile no ureter out o'),
  bland: neighbours('embolization embolisation thrombus thrombi diet white'),
  kerley: neighbours('a b c'),
  roux: neighbours('en'),
  petit: neighbours('champ bassin pelvis axe'),
  grand: neighbours('champ droit dorsal axe'),
  largo: neighbours('', 'eje'),
  corto: neighbours('', 'eje'),
  witte: neighbours('stof'),
  little: neighbours('finger toe', 'too very'),
  ring: neighbours('finger artifact artefact apophysis enhancement enhancing', 'index middle'),
  // RIS, the system: texts that it adds to images.
  ris: neighbours('comment comments data export id import order orders report system text', 'from his pacs'),
  wall: neighbours('motion thickness thickening stand bucky', 'chest abdominal bladder anterior posterior lateral'),
  hall: neighbours('effect sensor'),
  cross: neighbours('table section sectional sections talk reference legged', 'red'),
  rice: neighbours('bodies'),
  snow: neighbours('white cap'),
  frost: neighbours('bite'),
  marsh: neighbours('grade'),
  waters: neighbours('view projection # pa'),
  fine: neighbours('needle cut cuts focus slices motor'),
  sharp: neighbours('kernel filter edge recon algorithm score'),
  noble: neighbours('gas'),
  wise: neighbours('scan', 'slice step voxel'),
  strong: neighbours('enhancement signal fat'),
  blank: neighbours('scan image'),
  light: neighbours('sedation speed field source', 'visible cold'),
  rapid: neighbours('perfusion acquisition mip ctp ai'),
  power: neighbours('doppler injector injection'),
  best: neighbours('diastolic systolic phase diast syst practice ph fit', 'the'),
  bright: neighbours('blood'),
  dark: neighbours('blood field'),
  sage: neighbours('epi'),
  swift: neighbours('mr'),
  star: neighbours('vibe map', 'ge'),
  june: {},
  april: {},
  august: {},
  grande: neighbours('angulo campo'),
  blanco: neighbours('y', 'sustancia'),
  delgado: neighbours('con', 'intestino'),
  testa: neighbours('collo'),
  pan: neighbours('oral ct orex scan'),
  fan: neighbours('beam angle'),
  cho: neighbours('naa cr map', 'naa cr'),
  ana: neighbours('positive negative'),
  eva: neighbours('thrombectomy'),
  ng: neighbours('tube sonde sond', 'og'),
  rad: neighbours('onc # dose'),
  van: neighbours('de der den het'),
};
