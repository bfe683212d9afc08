"""What can go wrong with a partner, in sentences that say what to do."""

from service.shared.errors import FormularyError, NotFound


class NotConnected(FormularyError):
    code = "partner-not-connected"
    title = "Fullscript is not connected"
    status = 409


class ReconnectNeeded(FormularyError):
    """The kept tokens are worth nothing any more; only a person at Fullscript's page gets new ones."""

    code = "partner-reconnect-needed"
    title = "Fullscript has to be connected again"
    status = 409


class NotGranted(FormularyError):
    code = "partner-not-granted"
    title = "Fullscript has not granted this"
    status = 403


class ConnectionRefused(FormularyError):
    """The way back from Fullscript's page cannot be trusted, or brought no permission."""

    code = "partner-connection-refused"
    title = "Fullscript was not connected"
    status = 400


class SignatureRefused(FormularyError):
    code = "signature-refused"
    title = "This webhook is not signed as it should be"
    status = 400


class PartnerFault(FormularyError):
    """The partner did not answer, or answered something that cannot be used."""

    code = "partner-fault"
    title = "Fullscript did not answer as it should"
    status = 502


class GrantRefused(PartnerFault):
    """The authorization code or refresh token is spent, expired or revoked (OAuth's invalid_grant)."""

    code = "partner-grant-refused"


class TokenRefused(PartnerFault):
    """The access token is expired or revoked (401)."""

    code = "partner-token-refused"


class AnswerMissing(PartnerFault):
    """The partner has nothing at this address (404)."""

    code = "partner-answer-missing"


class RateLimited(PartnerFault):
    code = "partner-rate-limited"
    title = "Fullscript asks for a pause"
    status = 503


class VariantNotFound(NotFound):
    code = "variant-not-found"
    title = "No such variant"
