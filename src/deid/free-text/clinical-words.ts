// The words of series, study and protocol descriptions and of reports. Two uses: a name that is one of them is judged by its
// context (name-context.ts), and an unknown name after a label ends before one of them. Folded: lower case without accents.

const MODALITIES =
  'ct cta ctp ctv cbct mr mri mra mrv mrcp mrs fmri pet petct petmr spect nm us usg xr xa xray rx rf dx cr dr mg dbt dsa ecg ekg echo echocardiography ' +
  'ultrasound sonography sonographie sonografie radiography radiograph fluoroscopy fluoro mammography mammogram mammo tomography tomosynthesis tomo angiography angiographie angiografie ' +
  'angiogram angio scintigraphy doppler duplex elastography dexa densitometry oct ivus ivoct bold dti dwi swi swan pwi asl adc trace ultraschall rontgen roentgen kernspin ' +
  'szinti irm scanner tdm ecografia echographie radiografia radiografie rm tac tc rnm resonancia ressonancia risonanza tomografia ecodoppler scan scans scanning eeg xc es sm seg sr pr ot';
const ANATOMY =
  'abdomen abd abdominal abdomino adrenal ankle anus anal aorta aortic aorto appendix arch arm artery arteries arterial atrium atrial axilla axillary back belly bile biliary bladder blood body bone bones ' +
  'bowel brain brainstem breast breasts bronchus bronchial calcaneus calf cardiac cardio carotid carotids carpal cerebellum cerebral cerebellar cervical cervix chest clavicle coccyx colon colonic cord cornea coronary ' +
  'coronaries cranium cranial digit disc disk duodenum ear ears elbow eye eyes face facial fat feet femoral femur fetal fetus fibula finger fingers foot forearm forefoot gallbladder gland gut hand hands head ' +
  'heart heel hemithorax hepatic hip hips humerus iac iliac ilium inner intestine intracranial jaw joint joints kidney kidneys knee knees larynx leg legs lens liver lobe long lower lumbar lumbosacral lung lungs ' +
  'lymph mandible marrow mastoid maxilla maxillofacial mediastinum mitral mouth muscle myocardium myocardial nasal neck nerve nerves neuro node nodes nose orbit orbits orbita outer ovary ovaries palm pancreas parathyroid parotid patella pelvic ' +
  'pelvis penis petrous pharynx pituitary placenta plexus portal prostate pulmonary rectum rectal renal retina rib ribs sacral sacrum sacroiliac salivary scalp scapula sella shin shoulder shoulders sinus sinuses skeleton ' +
  'skeletal skin skull soft spinal spine spleen splenic sternum stomach subclavian tarsal temporal testis testes thigh thoracic thorax throat thumb thyroid tibia tibial tissue toe toes tongue tooth teeth trachea trunk ' +
  'ulna upper ureter urethra urinary uterus vagina valve vein veins vena venous venosus ventricle ventricular vertebra vertebral vertebrae vessel vessels vascular wrist wrists tmj iris carina cava hilum pleura pleural meniscus acl pcl ' +
  'kopf schadel gehirn hirn hals nacken wirbelsaule hws bws lws becken hufte huften knie schulter ellenbogen handgelenk fuss sprunggelenk bein beine arme herz lunge lungen leber niere nieren milz bauch oberbauch unterbauch ' +
  'brust mamma mammae mammo kiefer zahn ohr auge augen nase nasennebenhohlen nnh gefass gefasse weichteile thoraxorgane oberschenkel unterschenkel unterarm oberarm finger zehe zehen daumen ferse ' +
  'tete crane cerveau cou rachis lombaire cervicale dorsal epaule coude poignet main bassin hanche genou cheville pied jambe bras coeur poumon poumons foie rein reins rate sein seins dent oreille oeil nez sinus cuisse ' +
  'cabeza craneo cerebro cuello columna hombro codo muneca mano manos cadera rodilla tobillo pie pies pierna brazo corazon pulmon pulmones higado rinon rinones bazo mama mamas torax pecho ojo oido nariz dedo delgado ' +
  'testa cranio encefalo collo colonna spalla gomito polso bacino anca ginocchio caviglia piede gamba braccio cuore polmone polmoni fegato rene reni milza seno torace addome occhio orecchio naso dito mano ' +
  'hoofd hersenen nek hals rug schouder elleboog pols bekken heup knie enkel voet been arm hart long longen lever nier nieren milt borst buik oog oor neus vinger teen wervelkolom ' +
  'cabeca cranio pescoco coluna ombro cotovelo punho mao quadril joelho tornozelo pe perna braco coracao pulmao figado rim rins baco mama torax abdome olho ouvido nariz dedo crista';
const SEQUENCES =
  't t1 t2 pd pdw t1w t2w tse fse se gre ge fgre ffe tfe bffe tffe epi haste flair stir space vibe blade propeller mprage bravo cube fspgr spgr spair spir dixon mdixon qdixon ideal lava fiesta trufi truefisp tof pc mip minip ' +
  'mpr mpvr vr ssd recon reformat reformatted raw phase magnitude mag pha real imag ir irfse fs fatsat sat nonfat water opp inphase outphase cine tagging localizer localiser loc scout survey topogram scanogram ' +
  'surview smartprep bolus tracking premonitoring monitoring monitor dynamic dyn dce dsc perfusion perf diffusion diff tensor map maps tracew exp calc fa colfa rcbv rcbf mtt ttp tmax cbf cbv resting state task rest ' +
  'motor field mapping shim calibration cal asset sense grappa caipi caipirinha ipat mb multiband sms medic dess ciss fast turbo spin gradient inversion recovery epidwi zoomit resolve tirm irtse mra mrv twist tricks tr te ti ' +
  'tra sag cor ax axi axial axiale axials trans transverse transversal transversale transaxial coronal coronale sagittal sagittale oblique obl parasagittal radial sax lax chamber ch ap pa lat lateral lateralis medial frontal oblq tangential ' +
  'axialaxis swim swimmer swimmers inlet outlet odontoid flexion extension flex ext weightbearing weight bearing standing sitting upright erect supine prone decub decubitus semi portable bedside mobile stand wb nwb cc mlo ml lm ' +
  'xccl spot mag cone grid lao rao cran caud cranial caudal spider native nativ nat plain wo w with without post pre contrast contrasted kontrast km kmgabe contraste mdc iv po oral rectal gd gado gadolinium gadovist iodine ' +
  'enhanced unenhanced noncon noncontrast nonenhanced ce venos arteriell spat art arterielle portale portovenous portovenos delayed delay late early equilibrium nephrographic excretory corticomedullary pv venosa veneuse ' +
  'ven dual energy de mono monoenergetic monoe iodinemap vnc virtual spectral kv kvp ma mas kernel sharp smooth standard std lungwindow window wl ww b c fc br hr bf qr qf uhr hrct ultra ld low dose reduced lowdose thin thick ' +
  'slice slices slab series ser acq acquisition image images img frame frames view views proj projection projections left right links rechts gauche droite izquierda derecha izquierdo derecho izq der sinistra destra sinistro destro esquerda ' +
  'direita esquerdo direito linker rechter li re lt rt l r bilat bilateral both beide beidseits bds bd dx sin dex ant anterior post posterior sup superior inf inferior prox proximal distal dist med mid middle cent central deep superficial ' +
  'inspiration expiration insp exsp exp breath breathhold bh hold free breathing nav navigator gated gating triggered trig resp respiratory ekggated ecggated prospective retrospective systole diastole systolic diastolic stress rest ' +
  'exercise dobutamine adenosine regadenoson valsalva attenuation corrected ac nac uncorrected wb whole wholebody ganzkorper ganzkoerper corps cuerpo corpo fdg psma dotatate fluoride choline amyloid mibi mdp tc99m sestamibi dotatoc ' +
  'fused fusion registered registration reg subtraction subtracted sub subt difference mean sum std avg average min max sd median index param parametric colour color grey gray rgb secondary capture sc screen save screenshot report ' +
  'summary dosereport dose protocol patientprotocol exam examination study untersuchung examen etude estudio studio onderzoek exame control kontrolle verlauf verlaufskontrolle followup follow fu comparison prior previous current initial final baseline ' +
  'visit timepoint tp day week month year hour hours min minutes sec seconds ms mm cm m kg g mg ml cc mgy msv bq mbq mci hz khz mhz tesla hu suv suvmax bmi ph ct vol volume volumes volumetric vrt dd res hires highres high quality iq iter iterative asir ' +
  'admire safire idose aidr firstpass first pass fbp filter filtered edge bone soft lung mediastinal brain sharpness air water calibrate phantom qa qc daily test service tune tuning adjust sequence planning plan planned sim simulation treatment rt ' +
  'rtplan rtstruct rtdose struct structure structures igrt setup iso isocenter fiducial marker markers bb field fx fraction boost';
const FINDINGS =
  'abnormal abnormality abscess absent acute adenoma adenopathy adult aneurysm artifact artefact artifacts asymmetry atrophy axis benign biopsy bleed bleeding bullet calcification calcifications calcified calcium cancer carcinoma cavity ' +
  'change changes chronic cirrhosis clear clot collapse collection compression concern congenital consolidation cough cyst cystic cysts defect deficit degeneration degenerative demyelination density detected deviation diagnosis diagnostic dilated ' +
  'discharge disease diseases dislocation disorder displacement dissection edema effusion embolism emergency emphysema enlarged enlargement evaluation evaluate exclude fever fibroma fibrosis findings finding fluid focal fracture fractures ' +
  'function global grade graft growth hardware headache hematoma hemorrhage hernia history hydrocephalus hypertension impression implant indication infarct infection inflammation injury instability intact intervention interventional ' +
  'ischemia ischemic lesion lesions leak line lines localisation localization location loss lymphoma malignancy malignant mass masses matter measure measurement measurements metastasis metastases metastatic migraine mild moderate motion moved ' +
  'movement multiple necrosis negative neoplasm neuropathy nodule nodules nonossifying normal obstruction oedema osteoarthritis osteoporosis pain palsy pathology patient patients pediatric paediatric pneumonia pneumothorax polyp position positioning ' +
  'positive possible pregnancy pregnant prep preparation preop postop preoperative postoperative operative procedure prosthesis radiology radiologic radiotherapy region regional repeat rerun resection residual response result results retake ' +
  'review routine rule rupture scoliosis score screen screening seizure sequela severe shunt sign signal size small spasm stable stage staging standard stenosis stent stone stones stroke suspected swelling symptom symptoms syndrome tear ' +
  'therapy thrombosis thrombus transplant trauma tube tumor tumour type ulcer unchanged unknown unremarkable visible widespread wound complete completed limited general special specialized combined combination advanced basic detail ' +
  'demonstration evidence example guided guide guidance injection imaging intraoperative lossless lossy mode model monochrome morphology multi multiphase multislab multiframe object objects one two three four five six phases presentation ' +
  'quantitative range ratio reading reference reversible irreversible sample scale scaled section segment segmentation segmented selected single state static still stereo technique template time times tomographic user wall adult child infant neonate ' +
  'newborn male female man woman men women boy girl tumorsegmentation trial manual auto automatic level levels length long short area lumen flow velocity pressure pulse wave waveform cardiomyopathy myeloma melanoma sarcoma leukemia hodgkins anemia sepsis ' +
  'krankheit morbus befund verdacht ausschluss fraktur blutung entzundung operation kontrast schnitt schicht dicke dunn dick weichteil knochen weich scharf nachverarbeitung rekonstruktion ubersicht lage aufnahme seitlich schrag stehend liegend ' +
  'bilan controle recherche coupe coupes injection avec sans fracture tumeur profil oblique perfusion maladie protocole sequence apres avant portal tardif ' +
  'enfermedad protocolo secuencia sin con simple tardia fase corte cortes malattia protocollo sequenza senza tardiva strato ziekte zonder met snede opname doença doenca sequencia sem fratura tumor lesao contraste ' +
  'software version station workstation operator technologist cooperative uncooperative refused unable sedation sedated anesthesia anaesthesia intubated ventilated inpatient outpatient ward icu er ed ambulatory transport arrival supplement addendum ' +
  'compare compared concerning consistent correlate demonstrates deny improved increased interval large left marked minimal minor mostly new noted ongoing old persistent probable progression progressive recent recommend recommended reduced seen shown ' +
  'showing shows since slight slightly status suggests symmetric symmetrical there therefore unclear under view well within worse written quality poor good fair limited excellent adequate optimal suboptimal breathhold moving obese large small medium body ' +
  'aaa avm cad chd chf copd cva dvt hcc ild ivc svc lad lcx rca lv rv lvef mi ms nph pe pfo ptx ra rlq ruq llq luq sah sdh tia tb uti vte csf gi gu ent ob gyn iud picc cvc ett kub ivp vcug ercp tavi tavr cabg pci ercp evar endoleak runoff lowleg qrs ' +
  'gems ai cpr mpi qc msk onc ortho cardio pedi peds rad routine hd sd uhd fov nex nsa bw etl matrix px pxl ' +
  'dental washout enterography colonography periventricular subcortical hyperintensity hyperintensities embolization atelectasis uptake ' +
  'humeral circumference pancreatic biceps tendon gallstone popliteal gastric bypass circulation infarction infraction fissure cleft canal arteritis coarctation ' +
  'granulomatosis histiocytosis tenosynovitis mortise scaphoid scapular unilateral bilaterally barium swallow enema arthrogram stereotactic transvaginal trimester scrotum apical ' +
  'subcostal suprasternal nephrostomy vertebroplasty cholecystectomy endotracheal creatinine coil coils rads cxr kub plax psax rvot molli psir lge tte tee dsa ssfp ' +
  'kniegelenk kniegelenks beinvenen rundherd mittelhand zyste cyste kyste quiste cisti nierenstein niersteen lagekontrolle substanz substance sustancia sostanza lasionen huft achse axe eje asse ' +
  'rotatorenmanschette lithiase litiasis calcolo embolie embolia tiroide renale hepatique pulmonaire hersenvliezen stof temps';

/** Common words of sentences that are no names; with them a text reads as a sentence. */
const SENTENCE =
  'the a an of in on at to for by with without from and or but not no is are was were be been has have had this that these those his her their its it as if when where which who will would may might can could should must shall also than then there ' +
  'here into over under between through during before after above below about against within along across more most less least much many few some any all each every other another same such only very too so ' +
  'der die das den dem des ein eine einer einem und oder nicht ist sind war mit ohne von vom zu zum zur im am an auf aus bei nach vor uber unter durch fur als wie wenn noch nur sehr auch ' +
  'le la les un une des du de et ou ne pas est sont avec sans pour par sur sous dans au aux en ce cette ' +
  'el los las una y o del al con sin por para en es son se su sobre entre il lo gli i uno di da nel nella che non per tra fra het een en van voor met niet is zijn op te uit bij door naar ' +
  'os as um uma e em no na nos nas do dos das com sem por para ao ou onto off out up down re via per vs versus';

export const CLINICAL_WORDS: readonly string[] = `${MODALITIES} ${ANATOMY} ${SEQUENCES} ${FINDINGS}`.split(' ');
export const SENTENCE_WORDS: readonly string[] = SENTENCE.split(' ');

/** Words of MR sequences and images: the neighbours that make "Dixon" or "Bravo" a sequence. */
export const SEQUENCE_WORDS: readonly string[] =
  'w f ip op t pd fs tse fse gre vibe space flair stir cor sag ax tra axial coronal sagittal transversal water fat in opp inphase dyn quant q mdixon e thrive ffe tfe xd dd lava bh pre post gd ce isp spgr fspgr iso wb thins mpr'.split(
    ' ',
  );

/** Units and axes behind a number: what they follow is no date. */
export const UNIT_WORDS: readonly string[] =
  'mm cm m ms s sec secs min mins kv kvp ma mas ml mls cc mg kg g gy mgy cgy msv mbq mci hz khz mhz t tesla hu h hr hrs px deg degrees fps bpm x views view slices phases images series'.split(
    ' ',
  );
