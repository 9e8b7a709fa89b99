// Words of the sentences of English reports, beside those of the lexicon; none is a name. For what was read from the scans of pages only.

const WORDS =
  'able about above abnormality abnormalities abscess absence absent accompanying accordingly additional adequate adequately adjacent administered ' +
  'administration advised again against age aged along already also although among amount and any apparent apparently appear appearance appearances ' +
  'appearing appears appropriate approximately are area areas as assessment associated asymmetric asymmetry atelectasis attenuation available ' +
  'background be because become been before behind being below beneath benign better beyond borderline both but by calcification calcifications ' +
  'calcified can cannot cardiomediastinal cause caused certain change changed changes characteristic characteristics clear clearly clinical clinically ' +
  'collection collections common comparable compared comparison compatible complete completed completely complication complications concern ' +
  'concerning conclusion condition configuration confluent consider consideration considered consistent consolidation contour contours correlate ' +
  'correlation could course current currently degeneration degenerative demonstrate demonstrated demonstrates demonstrating dense density described ' +
  'despite detected deterioration determine developed development diagnosis diagnostic difference different difficult diffuse dilatation dilated ' +
  'dimension dimensions discrete discussed displaced displacement distended distribution does due during each earlier edema effect effusion effusions ' +
  'either elevated elevation elsewhere enhance enhancement enhances enhancing enlarged enlargement entire equivocal especially essentially etc ' +
  'evaluated evaluation even evidence evident examination examinations examined except exclude excluded expected extend extending extends extensive ' +
  'extent faint fatty favor few fibrosis filling finding findings first five fluid focal foci focus follow followed following four fracture fractures ' +
  'free from full further given gradually greater had half has have having healed helpful heterogeneous high higher history homogeneous however if ' +
  'important impression improved improvement in including incidental incidentally incomplete increase increased increasing indicate indicated ' +
  'indicates indication indeterminate infection infiltrate infiltrates infiltration inflammation inflammatory information injected injection injury ' +
  'instead interval into intracranial intravenous intravenously involve involved involvement involving irregular irregularity is it its itself known ' +
  'large larger largest last less lesion lesions level levels likely limited limits linear loops loss low lower malalignment malignancy malignant ' +
  'many mass masses maximal maximum may measure measured measures measuring mediastinal midline might mild mildly minimal minimally minor moderate ' +
  'moderately month months more most mostly motion much multiple nearly necessary negative new no nodular nodules none nor normal normally not note ' +
  'noted now number numerous obscured obtain obtained obtaining obvious occlusion occult of old older on once one only opacities opacity opinion ' +
  'or osseous other otherwise out outside over overall overlying partial partially particular patent pathologic pathological pattern per performed ' +
  'perhaps persist persistent persists please pneumonia pneumothorax position possible possibly presence present preserved presumably previous ' +
  'previously primary prior probable probably process processes prominence prominent protocol provided quality questionable quite rather reason ' +
  'received recent recently recommend recommendation recommended reduced regarding region regional regions related relatively remain remaining ' +
  'remains remarkable removed represent representing represents resection residual resolution resolved respectively result results resulting review ' +
  'reviewed same scattered seen separate several severe severely should show showed showing shown shows sign signs significant significantly similar ' +
  'simple since single site six size sized slight slightly small smaller so solid some somewhat space specific stable standard status stenosis still ' +
  'structure structures study studies subsequent subtle such sufficient suggest suggested suggesting suggestive suggests sulci surgery surgical ' +
  'suspected suspicion suspicious swelling symmetric symmetrical symmetrically symptom symptoms taken technique than that the their them then there ' +
  'therefore these they thickened thickening this those though three through throughout thus to together too total toward towards two typical ' +
  'unchanged unclear under underlying uniform unlikely unremarkable until upon use used using usual variant various ventricles very via visible ' +
  'visualized volume was week weeks well were when where whether which while who with within without would year years yet';

export const REPORT_WORDS: ReadonlySet<string> = new Set(WORDS.split(' '));
