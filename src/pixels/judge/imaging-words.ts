// Words that only describe an image. A line made of nothing else tells nobody who the patient is. Words that are names as well (MAY,
// LONG, YOUNG, WHITE, HEAD alone is a position) are left out, or stand only beside others in lines that the judge of names has passed.

const BODY =
  'abdomen abdominal adrenal ankle aorta aortic appendix artery atrium axilla axillary bicep biceps bile bladder bowel brain breast ' +
  'bronchus calf carotid cardiac cbd cervix cervical chest clavicle coccyx colon coronary cranium cyst duct elbow endometrium ' +
  'esophagus femoral femur fetal fetus fibula finger foot forearm gallbladder gb groin hand heart hepatic hip humerus hypochondrium ' +
  'iliac intestine ivc jugular kidney kidneys knee left leg ligament liver lobe lumbar lung lungs lv lvot mandible maxilla ' +
  'mediastinum meniscus mesenteric mitral muscle myocardium neck nodule nuchal orbit ovarian ovary palate pancreas parotid patella ' +
  'pelvis pelvic pericardium placenta pleura pleural popliteal portal prostate pulmonary pylorus quadrant radius rectum renal rib ' +
  'ribs rv rvot sacrum scapula scrotum shoulder sinus skull spine spleen splenic sternum stomach subclavian tendon testicle testis ' +
  'thigh thoracic thorax thyroid tibia toe trachea tricuspid ulna umbilical upper ureter urethra uterus vagina valve vein venous ' +
  'ventricle vertebra vessel wrist ica eca cca sfa cfa pv hv ha sma smv cbf rlq llq ruq luq';
const VIEWS =
  'anterior apical axial axis bilateral coronal distal frontal inferior lateral longitudinal lower medial mid middle oblique ' +
  'parasternal posterior proximal right sag sagittal short subcostal superior suprasternal trans transverse trv view views';
const TECHNIQUE =
  'arterial calc color colour contrast delayed delay diastole diffusion dose doppler early enhanced fat flair gain image images ' +
  'iodine late localizer map mask max mean measurement mip mode mpr native non nonenhanced perfusion phase plain post pre pulse ' +
  'raw recon reconstruction reference report sat scan scout series slice soft spectral std stress summary systole t1 t2 t1w t2w ' +
  'time tissue topogram tof topo volume water with without window bone kernel standard smooth sharp rest peak';

const WORDS: ReadonlySet<string> = new Set(`${BODY} ${VIEWS} ${TECHNIQUE}`.toUpperCase().split(' '));

/** @param word in upper case */
export function isImagingWord(word: string): boolean {
  return WORDS.has(word);
}
