"""The closed lists of the field's terms and how each is said. Tables hold the value, screens show LABELS[value].

Sources: kinds, standings and states are product.md's words; the organisation type codes are those in use for
party branches (631 branch, 632 joint branch, 931 temporary branch, 932 temporary joint branch).
"""

from enum import StrEnum

from mobilizer.errors import N_


class Level(StrEnum):
    DISTRICT = "district"
    TOWN = "town"
    VILLAGE = "village"
    GRID = "grid"


class BranchKind(StrEnum):
    STANDING = "standing"
    ACTION = "action"
    TEMPORARY = "temporary"


class BranchStatus(StrEnum):
    PROPOSED = "proposed"
    ACTIVE = "active"
    DECLINED = "declined"
    ENDED = "ended"


class OperationKind(StrEnum):
    EPIDEMIC = "epidemic"
    FLOOD = "flood"
    TYPHOON = "typhoon"
    SNOW = "snow"
    SEARCH = "search"
    CLEAN_UP = "clean-up"
    OTHER = "other"


class Standing(StrEnum):
    FULL = "full"
    PROBATIONARY = "probationary"
    APPLICANT = "applicant"
    VOLUNTEER = "volunteer"


class Role(StrEnum):
    SECRETARY = "secretary"
    DEPUTY_SECRETARY = "deputy-secretary"
    COMMITTEE_MEMBER = "committee-member"
    COORDINATOR = "coordinator"
    ADMINISTRATOR = "administrator"


class ServiceCategory(StrEnum):
    CHECKPOINT_DUTY = "checkpoint-duty"
    SCREENING = "screening"
    REGISTRATION = "registration"
    CARE = "care"
    DELIVERY = "delivery"
    DISINFECTION = "disinfection"
    PATROL = "patrol"
    PUBLICITY = "publicity"
    RESCUE = "rescue"
    CLEARING = "clearing"
    OTHER = "other"


class CallStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"


class ShiftStatus(StrEnum):
    OPEN = "open"
    CANCELLED = "cancelled"
    CLOSED = "closed"


class SignUpStatus(StrEnum):
    OFFERED = "offered"
    CONFIRMED = "confirmed"
    WAITLISTED = "waitlisted"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class SignUpSource(StrEnum):
    SELF = "self"
    WALK_IN = "walk-in"
    OFFER = "offer"
    GROUP = "group"
    HAND_OVER = "hand-over"
    CHAIN = "chain"


class RecordKind(StrEnum):
    ENTRY = "entry"
    REVERSAL = "reversal"


class RecordSource(StrEnum):
    SHIFT = "shift"
    BY_HAND = "by-hand"
    CLAIM = "claim"
    SHEET = "sheet"


LABELS: dict[StrEnum, str] = {
    Level.DISTRICT: N_("District"),
    Level.TOWN: N_("Town or subdistrict"),
    Level.VILLAGE: N_("Village or community"),
    Level.GRID: N_("Grid"),
    BranchKind.STANDING: N_("Standing branch"),
    BranchKind.ACTION: N_("Action branch"),
    BranchKind.TEMPORARY: N_("Temporary branch"),
    BranchStatus.PROPOSED: N_("Waiting for approval"),
    BranchStatus.ACTIVE: N_("Active"),
    BranchStatus.DECLINED: N_("Not approved"),
    BranchStatus.ENDED: N_("Ended"),
    OperationKind.EPIDEMIC: N_("Epidemic control"),
    OperationKind.FLOOD: N_("Flood control"),
    OperationKind.TYPHOON: N_("Typhoon defence"),
    OperationKind.SNOW: N_("Snow and ice"),
    OperationKind.SEARCH: N_("Search and rescue"),
    OperationKind.CLEAN_UP: N_("Clean-up"),
    OperationKind.OTHER: N_("Other operation"),
    Standing.FULL: N_("Full member"),
    Standing.PROBATIONARY: N_("Probationary member"),
    Standing.APPLICANT: N_("Applicant"),
    Standing.VOLUNTEER: N_("Non-member volunteer"),
    Role.SECRETARY: N_("Secretary"),
    Role.DEPUTY_SECRETARY: N_("Deputy secretary"),
    Role.COMMITTEE_MEMBER: N_("Committee member"),
    Role.COORDINATOR: N_("Coordinator"),
    Role.ADMINISTRATOR: N_("Administrator"),
    ServiceCategory.CHECKPOINT_DUTY: N_("Checkpoint duty"),
    ServiceCategory.SCREENING: N_("Screening and sampling"),
    ServiceCategory.REGISTRATION: N_("Registration"),
    ServiceCategory.CARE: N_("Care for residents"),
    ServiceCategory.DELIVERY: N_("Supplies and delivery"),
    ServiceCategory.DISINFECTION: N_("Disinfection"),
    ServiceCategory.PATROL: N_("Patrol"),
    ServiceCategory.PUBLICITY: N_("Publicity"),
    ServiceCategory.RESCUE: N_("Rescue and evacuation"),
    ServiceCategory.CLEARING: N_("Clearing and cleaning"),
    ServiceCategory.OTHER: N_("Other service"),
    CallStatus.DRAFT: N_("Draft"),
    CallStatus.PUBLISHED: N_("Published"),
    CallStatus.CLOSED: N_("Closed"),
    ShiftStatus.OPEN: N_("Open"),
    ShiftStatus.CANCELLED: N_("Cancelled"),
    ShiftStatus.CLOSED: N_("Closed"),
    SignUpStatus.OFFERED: N_("Offered"),
    SignUpStatus.CONFIRMED: N_("Confirmed"),
    SignUpStatus.WAITLISTED: N_("On the waiting list"),
    SignUpStatus.CANCELLED: N_("Given back"),
    SignUpStatus.WITHDRAWN: N_("Withdrawn by the branch"),
    SignUpStatus.EXPIRED: N_("Expired"),
    RecordSource.SHIFT: N_("From a closed shift"),
    RecordSource.BY_HAND: N_("Entered by hand"),
    RecordSource.CLAIM: N_("The member's own word, accepted by the branch"),
    RecordSource.SHEET: N_("From an earlier record"),
}

ORGANISATION_TYPE_CODE = {
    (BranchKind.STANDING, False): "631",
    (BranchKind.STANDING, True): "632",
    (BranchKind.TEMPORARY, False): "931",
    (BranchKind.TEMPORARY, True): "932",
}
"""(kind, joint) -> type code. An action branch is a local form and has none."""
