// IODs that dciodvfy 2022 does not know, or knows without a module of today: which modules they have by PS3.3 Annex A.

/** Names of modules as dciodvfy and the generator spell them; a trailing `?` marks one that is not mandatory. */
type Modules = string;

const STUDY: Modules = 'Patient ClinicalTrialSubject? GeneralStudy PatientStudy? ClinicalTrialStudy?';
const PATIENT_AND_STUDY: Modules = `${STUDY} GeneralSeries ClinicalTrialSeries?`;
const IMAGE_HEAD: Modules = `${PATIENT_AND_STUDY} GeneralEquipment GeneralAcquisition GeneralReference? GeneralImage`;
const IMAGE_TAIL: Modules = 'SOPCommon CommonInstanceReference?';
const ENHANCED_HEAD: Modules = `${PATIENT_AND_STUDY} GeneralEquipment EnhancedGeneralEquipment`;
const FUNCTIONAL_GROUPS: Modules = 'MultiFrameFunctionalGroups FunctionalGroupMacros MultiFrameDimension';
const WAVEFORM: Modules = `${ENHANCED_HEAD} Synchronization? WaveformIdentification Waveform AcquisitionContext? WaveformAnnotation? SOPCommon`;
const SR: Modules = `${STUDY} SRDocumentSeries ClinicalTrialSeries? Synchronization? GeneralEquipment SRDocumentGeneral SRDocumentContent SOPCommon`;
const ENHANCED_SR: Modules = `${SR} EnhancedGeneralEquipment`;
const VOLUMETRIC_STATE: Modules = `${PATIENT_AND_STUDY} PresentationSeries FrameOfReference GeneralEquipment EnhancedGeneralEquipment VolumetricPresentationStateIdentification VolumetricPresentationStateRelationship VolumeCropping? PresentationViewDescription PresentationAnimation? SOPCommon CommonInstanceReference`;
const OPHTHALMIC_MAP: Modules = `${IMAGE_HEAD} EnhancedGeneralEquipment ImagePixel OcularRegionImaged ${IMAGE_TAIL}`;
const WHOLE_SLIDE: Modules = `${ENHANCED_HEAD} WholeSlideMicroscopySeries FrameOfReference GeneralAcquisition GeneralReference? GeneralImage ImagePixel AcquisitionContext ${FUNCTIONAL_GROUPS} Specimen WholeSlideMicroscopyImage OpticalPath MultiResolutionNavigation? SlideLabel? SOPCommon CommonInstanceReference`;
const RT_INSTRUCTION: Modules = `${PATIENT_AND_STUDY} RTSeries GeneralEquipment SOPCommon CommonInstanceReference`;
const NON_PATIENT: Modules = 'GeneralEquipment SOPCommon';

/** Modules of an IOD by SOP class UID. */
export const JUDGED_IODS: Readonly<Record<string, Modules>> = {
  // Retired, PS3.3-2004 A.13.2 and A.15.3.
  '1.2.840.10008.5.1.4.1.1.129': `${PATIENT_AND_STUDY} PETSeries PETIsotope GeneralEquipment SOPCommon`,
  '1.2.840.10008.5.1.4.1.1.12.3': `${IMAGE_HEAD} FrameOfReference? ContrastBolus? Cine? ImagePixel XRayImage XRayAcquisition XAPositioner? ${IMAGE_TAIL}`,
  // Waveforms of A.34.8 to A.34.17.
  '1.2.840.10008.5.1.4.1.1.9.1.4': WAVEFORM,
  '1.2.840.10008.5.1.4.1.1.9.4.2': WAVEFORM,
  '1.2.840.10008.5.1.4.1.1.9.5.1': WAVEFORM,
  '1.2.840.10008.5.1.4.1.1.9.6.1': WAVEFORM,
  '1.2.840.10008.5.1.4.1.1.9.6.2': WAVEFORM,
  '1.2.840.10008.5.1.4.1.1.9.7.1': WAVEFORM,
  '1.2.840.10008.5.1.4.1.1.9.7.2': WAVEFORM,
  '1.2.840.10008.5.1.4.1.1.9.7.3': WAVEFORM,
  '1.2.840.10008.5.1.4.1.1.9.7.4': WAVEFORM,
  '1.2.840.10008.5.1.4.1.1.9.8.1': WAVEFORM,
  // Presentation states of A.33.5 and A.80.
  '1.2.840.10008.5.1.4.1.1.11.5': `${PATIENT_AND_STUDY} PresentationSeries GeneralEquipment PresentationStateIdentification PresentationStateRelationship DisplayedArea GraphicAnnotation? SpatialTransformation? GraphicLayer? ModalityLUT? SoftcopyVOILUT? SoftcopyPresentationLUT SOPCommon`,
  '1.2.840.10008.5.1.4.1.1.11.12': `${PATIENT_AND_STUDY} PresentationSeries GeneralEquipment PresentationStateIdentification PresentationStateRelationship DisplayedArea GraphicAnnotation? SpatialTransformation? GraphicLayer? SoftcopyVOILUT? SoftcopyPresentationLUT SOPCommon`,
  '1.2.840.10008.5.1.4.1.1.11.6': `${VOLUMETRIC_STATE} MPRVolumetricPresentationStateDisplay MultiPlanarReconstructionGeometry`,
  '1.2.840.10008.5.1.4.1.1.11.7': `${VOLUMETRIC_STATE} MPRVolumetricPresentationStateDisplay MultiPlanarReconstructionGeometry`,
  '1.2.840.10008.5.1.4.1.1.11.9': `${VOLUMETRIC_STATE} VolumeRenderGeometry RenderShading? RenderDisplay`,
  '1.2.840.10008.5.1.4.1.1.11.10': `${VOLUMETRIC_STATE} VolumeRenderGeometry RenderShading? RenderDisplay`,
  '1.2.840.10008.5.1.4.1.1.11.11': `${VOLUMETRIC_STATE} VolumeRenderGeometry RenderShading? RenderDisplay`,
  // A.51 with the pixels of Supplement 243.
  '1.2.840.10008.5.1.4.1.1.66.7': `${ENHANCED_HEAD} SegmentationSeries FrameOfReference? GeneralImage GeneralReference? ImagePixel SegmentationImage ${FUNCTIONAL_GROUPS} CommonInstanceReference? SOPCommon`,
  '1.2.840.10008.5.1.4.1.1.68.1': `${ENHANCED_HEAD} OpticalSurfaceScannerSeries FrameOfReference SurfaceMesh UVMapping? SOPCommon CommonInstanceReference?`,
  '1.2.840.10008.5.1.4.1.1.68.2': `${ENHANCED_HEAD} OpticalSurfaceScannerSeries FrameOfReference PointCloud UVMapping? SOPCommon CommonInstanceReference?`,
  // Microscopy, A.32.8 to A.32.10.
  '1.2.840.10008.5.1.4.1.1.77.1.6': WHOLE_SLIDE,
  '1.2.840.10008.5.1.4.1.1.77.1.8': `${ENHANCED_HEAD} FrameOfReference GeneralAcquisition GeneralReference? GeneralImage ImagePixel AcquisitionContext ${FUNCTIONAL_GROUPS} Specimen? SOPCommon CommonInstanceReference`,
  '1.2.840.10008.5.1.4.1.1.77.1.9': `${ENHANCED_HEAD} FrameOfReference GeneralAcquisition GeneralReference? GeneralImage ImagePixel AcquisitionContext ${FUNCTIONAL_GROUPS} Specimen? SOPCommon CommonInstanceReference`,
  // Eyes, A.41, A.64, A.71, A.76.
  '1.2.840.10008.5.1.4.1.1.77.1.5.6': `${IMAGE_HEAD} EnhancedGeneralEquipment OphthalmicPhotographySeries Synchronization? ImagePixel MultiFrame OphthalmicPhotographyImage WideFieldOphthalmicPhotography3DCoordinates WideFieldOphthalmicPhotographyQualityRating? OcularRegionImaged OphthalmicPhotographyAcquisitionParameters OphthalmicPhotographicParameters AcquisitionContext? ${IMAGE_TAIL}`,
  '1.2.840.10008.5.1.4.1.1.77.1.5.5': `${IMAGE_HEAD} EnhancedGeneralEquipment OphthalmicPhotographySeries Synchronization? ImagePixel MultiFrame OphthalmicPhotographyImage WideFieldOphthalmicPhotographyStereographicProjection WideFieldOphthalmicPhotographyQualityRating? OcularRegionImaged OphthalmicPhotographyAcquisitionParameters OphthalmicPhotographicParameters AcquisitionContext? ${IMAGE_TAIL}`,
  '1.2.840.10008.5.1.4.1.1.78.6': ENHANCED_SR,
  '1.2.840.10008.5.1.4.1.1.79.1': ENHANCED_SR,
  '1.2.840.10008.5.1.4.1.1.81.1': `${OPHTHALMIC_MAP} OphthalmicThicknessMapSeries FrameOfReference OphthalmicThicknessMap OphthalmicThicknessMapQualityRating?`,
  '1.2.840.10008.5.1.4.1.1.82.1': `${OPHTHALMIC_MAP} CornealTopographyMapSeries CornealTopographyMapImage CornealTopographyMapAnalysis`,
  // Structured reports of A.35 (2026d) and the retired trial classes, which became the classes of today.
  '1.2.840.10008.5.1.4.1.1.88.1': SR,
  '1.2.840.10008.5.1.4.1.1.88.2': SR,
  '1.2.840.10008.5.1.4.1.1.88.3': SR,
  '1.2.840.10008.5.1.4.1.1.88.4': SR,
  '1.2.840.10008.5.1.4.1.1.88.35': ENHANCED_SR,
  '1.2.840.10008.5.1.4.1.1.88.67': ENHANCED_SR,
  '1.2.840.10008.5.1.4.1.1.88.68': ENHANCED_SR,
  '1.2.840.10008.5.1.4.1.1.88.69': ENHANCED_SR,
  '1.2.840.10008.5.1.4.1.1.88.70': ENHANCED_SR,
  '1.2.840.10008.5.1.4.1.1.88.71': ENHANCED_SR,
  '1.2.840.10008.5.1.4.1.1.88.72': `${ENHANCED_SR} Timezone`,
  '1.2.840.10008.5.1.4.1.1.88.73': ENHANCED_SR,
  '1.2.840.10008.5.1.4.1.1.88.74': ENHANCED_SR,
  '1.2.840.10008.5.1.4.1.1.88.75': ENHANCED_SR,
  '1.2.840.10008.5.1.4.1.1.88.76': ENHANCED_SR,
  '1.2.840.10008.5.1.4.1.1.88.77': ENHANCED_SR,
  '1.2.840.10008.5.1.4.1.1.90.1': `${ENHANCED_HEAD} ContentAssessmentResults CommonInstanceReference SOPCommon`,
  // Radiotherapy instructions, A.60 and A.63, and the retired trial class.
  '1.2.840.10008.5.1.4.34.1': `${RT_INSTRUCTION} RTBeamsDeliveryInstruction`,
  '1.2.840.10008.5.1.4.34.7': `${RT_INSTRUCTION} RTBeamsDeliveryInstruction`,
  '1.2.840.10008.5.1.4.34.10': `${RT_INSTRUCTION} RTBrachyApplicationSetupDeliveryInstruction`,
  // Protocols, A.82, and implant templates, A.61 to A.63: no patient, or a patient without images.
  '1.2.840.10008.5.1.4.1.1.200.1': `GeneralEquipment EnhancedGeneralEquipment ProtocolContext ClinicalTrialContext? PatientSpecification? EquipmentSpecification Instructions? PatientPositioning? DefinedCTAcquisition DefinedCTReconstruction? DefinedStorage? SOPCommon`,
  '1.2.840.10008.5.1.4.1.1.200.2': `${ENHANCED_HEAD} EnhancedSeries CTProtocolSeries ProtocolContext PatientProtocolContext Instructions? PatientPositioning? PerformedCTAcquisition PerformedCTReconstruction? PerformedStorage? SOPCommon CommonInstanceReference`,
  '1.2.840.10008.5.1.4.1.1.200.3':
    'GeneralEquipment EnhancedGeneralEquipment ProtocolApproval SOPCommon CommonInstanceReference',
  '1.2.840.10008.5.1.4.43.1': `${NON_PATIENT} GenericImplantTemplateDescription GenericImplantTemplate2DDrawings? GenericImplantTemplate3DModels? GenericImplantTemplateMatingFeatures? GenericImplantTemplatePlanningLandmarks? SurfaceMesh?`,
  '1.2.840.10008.5.1.4.44.1': `${NON_PATIENT} ImplantAssemblyTemplate`,
  '1.2.840.10008.5.1.4.45.1': `${NON_PATIENT} ImplantTemplateGroup`,
};

/** SOP classes that share the IOD of another one. */
export const SHARED_IODS: Readonly<Record<string, string>> = {
  // Retired forms of the classes of today.
  '1.2.840.10008.5.1.4.1.1.3': '1.2.840.10008.5.1.4.1.1.3.1',
  '1.2.840.10008.5.1.4.1.1.5': '1.2.840.10008.5.1.4.1.1.20',
  '1.2.840.10008.5.1.4.1.1.6': '1.2.840.10008.5.1.4.1.1.6.1',
  '1.2.840.10008.5.1.4.1.1.9.1': '1.2.840.10008.5.1.4.1.1.9.1.2',
  '1.2.840.10008.5.1.4.1.1.77.1': '1.2.840.10008.5.1.4.1.1.77.1.4',
  '1.2.840.10008.5.1.4.1.1.77.2': '1.2.840.10008.5.1.4.1.1.77.1.4',
  // PS3.3 Tables A.3-1, A.38-1 and A.70-1 serve both SOP classes.
  '1.2.840.10008.5.1.4.1.1.2.3': '1.2.840.10008.5.1.4.1.1.2',
  '1.2.840.10008.5.1.4.1.1.2.4': '1.2.840.10008.5.1.4.1.1.2.1',
  '1.2.840.10008.5.1.4.1.1.2.5': '1.2.840.10008.5.1.4.1.1.2.2',
  // A.85.2 and A.85.3 differ from A.85.1 in the document alone.
  '1.2.840.10008.5.1.4.1.1.104.4': '1.2.840.10008.5.1.4.1.1.104.3',
  '1.2.840.10008.5.1.4.1.1.104.5': '1.2.840.10008.5.1.4.1.1.104.3',
  // A.51.
  '1.2.840.10008.5.1.4.1.1.66.8': '1.2.840.10008.5.1.4.1.1.66.7',
};
