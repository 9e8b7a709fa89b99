// Study, series and protocol descriptions, comments and findings as scanners and people write them: none identifies anybody.

const ENGLISH_CT = `
CT CHEST W/O CONTRAST|CT CHEST W CONTRAST|CT ABDOMEN AND PELVIS W/ IV CONTRAST|CT HEAD W/O|CT BRAIN WO IVCON|CTA CHEST PE PROTOCOL|CT C-SPINE W/O|CTA HEAD AND NECK|CT SINUS W/O CONTRAST|CT LOW DOSE LUNG SCREENING|CT ENTEROGRAPHY|
CT UROGRAM 3 PHASE|CT KUB STONE PROTOCOL|CT TEMPORAL BONES|CT FACIAL BONES|CT ORBITS|CT L-SPINE RECON|CT RUNOFF LOWER EXT|CT CARDIAC CALCIUM SCORE|CT CORONARY ANGIO|HRCT INSP EXP PRONE|THORAX 1.0 B30f|Thorax 5.0 B70s|Abdomen 3.0 B30f|
Head 4.8 H31s|BRAIN SEQ  4.8  H31s|AX 5MM ST|AX 2.5MM LUNG|COR MPR 3X3|SAG MPR 2X2|COR 2.0 MPR|SAG 3.0 MPR|MIP 10/2|MIP COR 8MM|Topogram 0.6 T20f|Scout|SCOUT LAT|LOCALIZER|Dose Report|Patient Protocol|PRE MONITORING|MONITORING|SMARTPREP SERIES|
TEST BOLUS|ARTERIAL 1.25MM|PORTAL VENOUS 2.5 MM|DELAYED 5 MIN|NEPHROGRAPHIC PHASE|CorCTA 0.6 Bv36 BestDiast 72 %|CorCTA 0.75 I26f 3 BestSyst 39%|Ca Score 3.0 B35s|120 kV 200 mAs|DE_Abdomen 1.0 Br40 M_0.5|Mono+ 50 keV|Iodine Map|VNC 1.5 Qr40|
AIDR 3D STD|iDose (4)|ASiR-V 50%|Recon 2: BONE PLUS|BONE 0.625|SOFT TISSUE|Lung 1.25 mm|THIN LUNG|STND 5.0|Series 3/12|Phase 1/2|Phase 30% 1.0|0%-90% Phases|CTP 5.0 T20f|Perfusion CBF|MTT|TTP|Tmax|RAPID Summary|VRT HEAD|VRT Spine|
3D RENDERING|Batch MPR|Range-0-1|Average CT|4D AVG|RT PLANNING HN|PLANNING CT PELVIS|ISO SCAN|CBCT DENTAL 0.3 VOX|BIOPSY CT GUIDED LIVER|DRAINAGE|POST ABLATION|NECK SOFT TISSUE W CON|CT IAC|CT PANCREAS PROTOCOL|CT LIVER 4 PHASE|<MIP Range>|
EXTREMITY CT FOOT LT|CT HIP RT W/O|CT SHOULDER LEFT 3D|CT KNEE METAL MAR|O-MAR ON|C-/C+|CT TRAUMA PAN SCAN|WHOLE BODY LOW DOSE MYELOMA|CT CHEST/PLAN|W/O 3mm|2mm x 2mm|512x512 0.7x0.7x1.0|FOV 350|kVp 80/140|Tube A 100kV|SW 10.05.2|Recon 1.25/0.625|CTDIvol 12.3 mGy DLP 450|Br64 3|Bl57 2|FC08|FC51-H|LUNG 2 CE`;
const MR = `
T1 MPRAGE 1.0mm|t1_mprage_sag_p2_iso_1.0|T2 FLAIR 2.5/5.0|t2_tse_tra_448_p2|t2_tse_sag_p4_DRB|I_t2_tse_sag_p2_384|*tseR2d1rr19|*fl3d1r_t70|ep2d_diff_3scan_trace_p2|ep2d_diff_mddw_20_p2_ADC|AX DWI b1000|DWI b=0,500,1000|ADC (10^-6 mm2/s)|SAG T1 FSE|AX T2 FSE FS|COR STIR|
COR T1 POST|AX T1 POST GD FS|3D TOF MRA COW|TOF_3D_multi-slab|SWI Images|mIP_Images(SW)|Pha_Images|Mag_Images|BOLD resting state 3.0 iso|Ax fMRI HB8 72sl int asc|rsfMRI_AP|field_mapping|gre_field_mapping_2mm|DTI 64 dir b=1000|TENSOR_FA|ColFA|asl_3d_tra_iso_3.0_highres|
Perfusion_Weighted|relCBF|T2 SPACE sag p2 iso|T1 VIBE Dixon tra bh|t1_vibe_dixon_cor_opp|t1_vibe_dixon_cor_W|mDIXON-Quant|LAVA-Flex|Ax LAVA +C|FIESTA|SSFSE cor bh|HASTE COR 4MM|MRCP 3D RADIAL|MRCP thick slab|DYN LIVER ARTERIAL|eTHRIVE pre|THRIVE 20min|BLISS|VIBRANT|DCE breast 6 phases|SUB 2-1|SUB MIP|
BRAVO post|Sag 3D CUBE T2 FLAIR|3D FSPGR|SAG PD FS|AX PD|COR PD SPAIR|t2_de3d_we_sag|MEDIC tra C-spine|L-SPINE SAG T2|L4/5 ax T2|L5/S1|C5-6 axial|T-spine STIR sag|SI JOINTS COR OBL|KNEE LT PD TRA|SHOULDER MR ARTHROGRAM|HIP BILAT COR T1|ANKLE W/O|WRIST 3T|HAND 2xCS|hand 2xCS|TMJ OPEN/CLOSED|PITUITARY DYNAMIC|
IAC FIESTA|ORBITS FAT SAT|BRACHIAL PLEXUS|CARDIAC CINE SA STACK|cine_trufi_4ch|4CH CINE|2CH|3CH|LVOT|LGE PSIR SAX|T1 MOLLI pre|T1map SAX|T2* liver|R2*|Native T1|Stress perfusion|LONG AXIS 2CH|SHORT AXIS STACK|PHASE CONTRAST AORTA VENC 150|MRA RENAL BH|CE-MRA CAROTIDS|TWIST DYN|TRICKS|CARE BOLUS|
localizer 3plane|Survey_32ch_HeadCoil|ASSET Calibration|Calibration Scan|AAHScout|AAHead_Scout_64ch|SMS3 p2 s3|WIP pCASL|Reg - ax T2|ORIG: T1 sag|Processed Images|MPR cor 3mm|MR Spectroscopy PRESS TE 35|SVS 135|CSI 3D|NAA/Cho map|PROSTATE T2 AX 3mm|b2000 calc|b1400 tra|PI-RADS protocol|UTERUS SAG|FETAL HASTE|
PLACENTA T2|ENTEROGRAPHY TRUFI COR|RECTUM HIGH RES OBL|FISTULA|WB DWI 5 stations|DIXON WB|ED_HEAD_NEURO_SEQ|Brain Advanced Sequences|MRI-Brain|MSSE|PROC_4|white matter lesions|gray matter volume|black blood T2|dark blood T1 prep|TE 30/80|TR/TE 2000/10|TI 2500|FA 8/15|NEX 2|2 NSA|320x256|0.9x0.9x4 mm|SENSE 2.5|GRAPPA 3|iPAT2|3T|1.5T|syngo MR E11|XA30`;
const OTHER_MODALITIES = `
CHEST PA AND LATERAL|Chest PA PA|CHEST AP PORTABLE|XR KNEE 3 VIEWS LEFT|KNEE LT AP/LAT|HAND PA OBL LAT RT|FOOT AP WEIGHT BEARING|ABD_1_VIEW|ABDOMEN SUPINE/ERECT|PELVIS AP|HIP FROG LEG|C-SPINE ODONTOID|SKULL WATERS VIEW|L-SPINE FLEX/EXT|SCOLIOSIS 36 INCH|SHOULDER GRASHEY|SHOULDER Y VIEW|SCAPULA Y|ELBOW 2V|
WRIST SCAPHOID|BONE AGE LEFT HAND|SKELETAL SURVEY|BABYGRAM|R CC|L MLO|R MLO ID|L XCCL|MAMMO SCREENING BILAT|TOMO RCC|C-View|S-view|STEREO|Panoramic|BITEWING|CEPH LAT|3/4 view|1/3|2 of 3|US ABDOMEN COMPLETE|US THYROID|US RENAL|US OB <14 WKS|OB 2ND TRIMESTER ANATOMY|US CAROTID DOPPLER BILAT|US VENOUS LE DVT RT|
US SCROTUM|US HIP INFANT|US GUIDED BIOPSY|ECHO TTE COMPLETE|Exercise Echocardiogram|Exer - 2 Stg fd (W)|STRESS ECHO|Post-Stress|PLAX|A4C|A2C|RVOT|LAD LAO 30 CRAN 20|RAO 30 CAUD 20|RCA LAO|Coronarographie|LV RAO|DSA CEREBRAL|LT ICA AP|RT VERT LAT|AORTOGRAM|ERCP|UGI W/ KUB|BARIUM SWALLOW|ESOPHAGRAM|VCUG|HSG|
ARTHROGRAM|NM BONE SCAN WHOLE BODY|MIBI STRESS|Tc99m MDP 3 PHASE|V/Q SCAN|HIDA W/ CCK|THYROID UPTAKE|GASTRIC EMPTYING 4HR|MUGA|DATSCAN|PET/CT Ganzkoerper FDG|Thorax^1HEAD_NECK_PETCT|PET WB AC|PET NAC|FDG 60min pi|PSMA PET|DOTATATE|SUVmax 5.6|Fusion WB|MIP PET|PET Dose Report SR|e+1|Series of Presentation States instances|
Sample protocol|Performed Desc|Scaled image|AEC|OTHER|None|Non-ossifying fibroma of distal tibia|NOT FOR CLINICAL USE|Multiframe image 23x38x3|tumor segmentation|Liver Segmentation|EXAM67|CM12|ISO-IR13|Exported MR Basic Reading|LossLess compression with JPEG 2K, compression ratio 4.007828|JPEG 2000 irreversible (lossy) 30:1|
near lossless JPEG-LS compression, factor 18.757 (NEAR=2)|signed 15-bit precision|SCREEN SAVE|KEY IMAGES|Radiation Dose Information|GSPS|OCT MACULA 6x6|FUNDUS OD|FUNDUS OS|SLIDE LABEL|HE 40x|Dermoscopy|COLONOSCOPY|Secondary Capture|Evidence Document|RTSTRUCT|RTPLAN 3 field|Boost 10 Fx|QA PHANTOM|Daily QC|W:1500 L:-500|WL 40 WW 400`;
const DISEASES = `
Wilson disease protocol|Graves disease follow-up|Hodgkin lymphoma staging|Paget's disease of bone|Parkinson disease DaTscan|Crohn's disease MRE|Down syndrome cardiac|Bell palsy IAC|Marfan syndrome aorta|Cushing syndrome adrenal|Alzheimer disease PET|Smith fracture wrist|Jones fracture 5th metatarsal|Baker cyst knee|
Morton neuroma foot|Hill-Sachs lesion|Bankart lesion|Chiari malformation|Arnold-Chiari|Dandy-Walker|circle of Willis MRA|tetralogy of Fallot|Kienbock disease|Waters view sinuses|Towne view|Weber B fracture|Hashimoto thyroiditis|Ewing sarcoma|Wilms tumor|Barrett esophagus|Meckel diverticulum|pouch of Douglas fluid|Simpson method EF|
Lesion may represent hemangioma|This may be artifact|small bowel follow through|long leg alignment|long axis view|short axis cine|short TE|young adult hip|brown fat uptake|black bone MRI|bullet in soft tissue|pain in the neck|left hand trauma|head and neck|hip and knee|No acute fracture|Liver lesion segment 4/8|
increased signal in white matter|compare with prior study|rule out stone|Chest pain, rule out PE|fall from height|s/p stent LAD|lung nodule 8 mm RUL|T2N0M0|stage 3/4|grade 2/3|Gleason 3+4=7|BI-RADS 4|Patient moved|patient motion|PATIENT REFUSED CONTRAST|patient supine|no comparison|45 yo male|67-year-old with cough|012Y|85 years old|
5 min delay|10 sec|heart rate 72 bpm|weight 80 kg|injected 100 ml at 3 ml/s|Max IP|SUV max|LV mass index|1st pass perfusion|2nd echo|right lower lobe|no change since prior|Ref. SUV bw|MR 1|Room 2|version 4.1.2|ECG gated|ratio 1:2:3|slice 10-20|images 1-50|10 20 30|1 2 3|S 1.0.0`;
const GERMAN = `
CT Thorax nativ|CT Abdomen mit KM portalvenös|CT Schädel nativ|Schädel axial 4.8|Hals-Thorax-Abdomen mit KM|BWS sagittal|HWS seitlich|LWS T2 sag|Becken Übersicht a.p.|Hüfte li axial|Knie rechts 2 Ebenen|Kniegelenk links PD FS|Schulter re wahre a.p.|Sprunggelenk li|Hand links d.p.|Fuß rechts dorsoplantar|Vorfuß schräg|Thorax p.a. und seitlich|Thorax liegend|Lunge HR|
Weichteile 3.0|Knochenfenster|Lungenfenster|arterielle Phase|portalvenöse Phase|venös 3.0 B30f|Spätphase 5 min|Kontrastmittelgabe|Mammographie beidseits|Mamma MRT dynamisch|Leber dynamisch|Niere Sono|Oberbauch Sonographie|Schilddrüse|Herz Funktion kurze Achse|lange Achse|kurze Achse|Morbus Crohn|M. Crohn Sellink|Morbus Bechterew|
Verdacht auf Fraktur|Ausschluss Blutung|Verlaufskontrolle|Zustand nach OP|Kopf-Hals|Kiefer OPG|NNH coronal|Felsenbein hochauflösend|Wirbelsäule gesamt|Ganzkörper|Ganzwirbelsäule stehend|Ultraschall Abdomen|Dosisbericht|Bolusverfolgung|Mehrschicht Rekonstruktion 1.5`;
const ROMANCE = `
IRM cérébrale sans injection|IRM encéphale avec gadolinium|TDM thoracique sans injection|TDM abdomino-pelvien avec injection|Scanner du crâne|Échographie abdominale|Radiographie du genou gauche|Thorax de face|Rachis lombaire profil|Épaule droite|Main gauche face|Pied droit|Coupe axiale|Coupes fines 1 mm|Temps artériel|Temps portal|Temps tardif|Bilan d'extension|
Contrôle post-opératoire|Mammographie bilatérale|Hanche gauche|Maladie de Crohn|entéro-IRM|TC cráneo simple|TC tórax con contraste|RM rodilla izquierda|RM columna lumbar|Radiografía de tórax|Ecografía abdominal|Mano derecha|Cuello|Fase arterial|Fase tardía|Cortes finos|Sin contraste|TC addome con mdc|RM encefalo|RX torace|Ginocchio sinistro|Colonna lombare|
Mano destra|Ecografia addome|Fase venosa|senza mdc|RM crânio|TC tórax sem contraste|RM joelho direito|Coluna lombar|Fase portal|US abdome total|Ressonância magnética da mama|Mão esquerda|CT hoofd zonder contrast|CT thorax met contrast|MRI knie links|Echo buik|X-thorax|Voet rechts|Ziekte van Crohn|Schouder links|Wervelkolom|Hart korte as|RM de abdomen|TC de tórax|RX de mano|IRM du genou`;
const OTHER_SCRIPTS = `胸部CT|頭部MRI T2強調|腹部造影CT 動脈相|骨盤MRI|頸椎 側面|흉부 CT|뇌 MRI|복부 초음파|КТ грудной клетки|МРТ головного мозга|Рентген кисти|МРТ коленного сустава|Αξονική θώρακος|ΜΑΓΝΗΤΙΚΗ ΓΟΝΑΤΟΣ|صدر|رأس بدون صبغة|חזה|胸部正面|膝関節 MRI|肝ダイナミック`;

export const HARMLESS_DESCRIPTIONS: readonly string[] = [
  ...new Set(
    [ENGLISH_CT, MR, OTHER_MODALITIES, DISEASES, GERMAN, ROMANCE, OTHER_SCRIPTS].flatMap((lines) =>
      lines
        .split('|')
        .map((line) => line.replace(/^\n|\n$/g, ''))
        .filter((line) => line !== ''),
    ),
  ),
];

const FAMILY_NAMES =
  'Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young ' +
  'Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch Bauer Richter Klein Wolf Schröder Neumann Schwarz ' +
  'Zimmermann Braun Krüger Hartmann Lange Werner Krause Lehmann Köhler Herrmann König Walter Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß Dupont Durand Dubois Moreau Laurent Simon Michel Lefèvre Leroy Roux David Bertrand Morel Fournier Girard Bonnet ' +
  'Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti DeLuca Costa Giordano Mancini Silva Santos Ferreira Pereira Oliveira Almeida Jansen deVries Bakker Visser Smit Meijer Mulder Bos Vos Peeters ' +
  'Li Wang Zhang Chen Liu Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Ng Tan Kim Park Choi Tanaka Suzuki Sato Watanabe Ito Patel Singh Kumar Sharma Gupta Khan Ali Ahmed Hassan Ivanov Petrov Kowalski Nowak Novak Horvat Popescu Papadopoulos Andersen Hansen Nielsen ' +
  'Johansson Lindberg May Long Bell Hand Graves Parkinson Black Grant Rose Stone Wall Field Cook Foot Hodgkin Paget Dixon';
const GIVEN_NAMES =
  'James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph Jessica Thomas Sarah Anna Peter Hans Ursula Wolfgang Jean Marie Pierre Luc José María Carlos Giulia Marco Sofia João Ana Wei Min Hiroshi Yuki Priya Omar Fatima Olga Igor Mark Max Grace Tim Ray Will';

/** 200 different people with common names, some of which are words of medicine. */
export const COMMON_NAMES: readonly string[] = FAMILY_NAMES.split(' ')
  .slice(0, 200)
  .map((family, at) => `${family}^${GIVEN_NAMES.split(' ')[at % GIVEN_NAMES.split(' ').length]}`);
