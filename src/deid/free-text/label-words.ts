// Words that announce a person, an id or a date, and words that dangle once what they announce is gone. Folded.

const list = (text: string): readonly string[] => text.split(' ');

export const TITLES = list(
  'dr dra dres doctor prof professor mr mrs ms miss mister madam herr hr frau fr fraulein mme mlle madame monsieur docteur sr sra srta senor senora senhor senhora doutor doctora dottor dottoressa dott dottssa sig signor signora signore ' +
    'herrn med dent habil dhr mevr mevrouw meneer mw sir lady pd oa oberarzt drs univ priv doz dipl ing reverend rev capt sgt nurse sister',
);
/** Titles that in capitals and without a dot are something else: MR, the modality. */
export const SHOUTED_NO_TITLE: ReadonlySet<string> = new Set(
  list('mr ms sr hr fr pd oa univ priv ing sig med dent habil'),
);
/** Behind a title and its dot: Sig.ra, Sig.na, Dott.ssa, Sr.ta, M.me. */
export const TITLE_ENDINGS: ReadonlySet<string> = new Set(list('ra na ssa ta me lle in'));
/** Announce a person only with a colon or the like behind them. */
export const NAME_LABELS = list(
  'name nom prenom nombre apellido apellidos nachname vorname geburtsname naam voornaam surname forename nome cognome sobrenome ref referrer referring pat fellow resident reader attending requester requestor requesting ' +
    'author signed signature initials contact attn attention guardian mother father mom mum dad brother sister spouse wife husband son daughter mutter vater relative kin observer reporter reviewer phys rad md ordering by op ' +
    'provider practitioner clinician consultant prescriber pcp gp examiner interpreter transcriptionist cosigner anaesthetist hospitalist registrar midwife',
);
/** Behind these a capitalised word that is in no vocabulary is a name: "daughter Jane Quimble informed". In small letters only. */
export const RELATIVES = list(
  'guardian mother father mom mum dad brother sister spouse wife husband son daughter grandmother grandfather grandson granddaughter uncle aunt nephew niece cousin partner carer caregiver widow widower ' +
    'mutter vater tochter sohn ehefrau ehemann gattin gatte schwester bruder schwiegertochter schwiegersohn enkel enkelin lebensgefahrtin lebensgefahrte mere pere fille fils epouse epoux mari femme frere soeur ' +
    'madre padre hija hijo esposa esposo marido hermana hermano figlia figlio moglie marito fratello sorella moeder vader dochter zoon echtgenote echtgenoot broer zus mae pai filha filho irma irmao ' +
    'matka ojciec corka syn zona maz siostra brat mor mamma pappa datter dotter hustru',
);
export const OPEN_NAME_LABELS = list(
  'tech patient pt patientin patiente paziente paciente physician technologist technician operator radiologist radiographer sonographer surgeon cardiologist neurologist oncologist anesthesiologist ' +
    'arzt arztin uberweiser zuweiser untersucher befunder mtra mtr mta medecin prescripteur manipulateur medico tecnico verwijzer laborant radiologe radiologue radiologo',
);
/** Stand between a label and the name: "Patient name is", "Ref. phys.:". */
export const FILLER_LABELS = list(
  'name names is named called last first given family maiden middle full initials in charge phys physician dr md s no',
);
/** "Protocol name: X" names no person. */
export const NOT_OF_PEOPLE = list(
  'protocol series study file device station sequence scanner machine coil model image program programme folder host system site department project template procedure body part contrast drug agent product brand template',
);
export const BY_VERBS = list(
  'performed read reported dictated reviewed signed requested ordered scanned done interpreted verified approved seen referred acquired transcribed prepared examined injected authorized authorised electronically discussed ' +
    'supervised edited checked validated attended operated befundet erstellt untersucht durchgefuhrt uberwiesen realise effectue redige prescrit realizado solicitado informado eseguito refertato richiesto uitgevoerd ' +
    'verslagen aangevraagd laudado',
);
export const BY_WORDS = list('by von durch par por da door');
export const DEGREES = list(
  'md phd msc bsc mph frcr frcp frcs mbbs mbchb esq dds dmd dvm jr sr ii iii iv rn facr abr med rtr cnmt rdms',
);
export const NAME_PARTICLES = list(
  'von van der den vom zu zum zur ter ten te de del della dello degli di da dal dos das do du des la le los las el al bin ibn ben bint abu abd ul ur st saint san santa mc mac fitz o d l y e af av op t',
);
/** Go with the name that they announce. */
export const LEAD_INS = list(
  'for by of from to with attn attention re ref refer patient pt pat patients name named called fur von vom bei des pour par de du chez para por del da do di per dal van voor door physician phys referring referrer ' +
    'referred dr tech technologist operator radiologist mother father wife husband son daughter spouse guardian pour',
);
export const DATE_LEAD_INS = list(
  'on at from of between since until till before after by dated date dates vom am den der bis seit ab datum le du au depuis jusqu el del desde hasta fecha il dal al dal data op vanaf tot em desde ' +
    'the dob birth birthdate birthday born geb geboren geburtsdatum geburtstag ne nee nacido nacida nato nata nascido nascida nascita nacimiento naissance monday tuesday wednesday thursday friday saturday ' +
    'sunday mon tue wed thu fri sun montag dienstag mittwoch donnerstag freitag samstag sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miercoles jueves viernes sabado domingo ' +
    'lunedi martedi mercoledi giovedi venerdi sabato domenica maandag dinsdag woensdag donderdag vrijdag zaterdag zondag segunda terca quarta quinta sexta feira uhr',
);
/** In capitals these abbreviate something: OP, LE (lower extremity), PT. */
export const SHOUTED_NO_LEAD_IN: ReadonlySet<string> = new Set(list('op am ab le du el al il em as au pt re'));
export const ID_LABELS = list(
  'mrn ssn nhs pid patid patientid patientenid patientennr patientennummer fallnr fallnummer ipp nip nir bsn cpr accession acc accno auftragsnr auftragsnummer acct account nhc dni nif id nr no num number nummer numero ref case ' +
    'record uid passport policy insurance encounter patient pat pt dossier',
);
export const PHONE_LABELS = list(
  'tel telephone telefon telefono telefoon phone ph fon fax mobile mob cell cellphone handy pager bleep ext extension tfn tlf tfno call contact email mail e web website site url http https www at ip host address addr adresse indirizzo direccion residence lives living',
);
export const JOINERS = list('and or und oder et ou en');
export const DETERMINERS = list('the this that his her their its no each both any every');
export const VERSION_WORDS = list(
  'v ver version vers rev release rel sw software firmware fw syngo numaris xa va vb vd ve build r b',
);
/** Name parts that identify nobody. */
export const PLACEHOLDERS = list(
  'anonymous anonymized anonymised anon unknown none null nobody test testing phantom demo sample patient example dummy name removed deidentified xxx research volunteer',
);
