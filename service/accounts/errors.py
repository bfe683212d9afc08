"""What goes wrong with people and their passphrases."""

from service.shared.errors import BadInput, Gone, Unauthorized


class SignInRefused(BadInput):
    """Tells nobody which of the two was wrong, nor whether there is such a name."""

    code = "sign-in-refused"
    title = "Not signed in"


class NotSignedIn(Unauthorized):
    code = "not-signed-in"
    title = "Sign in first"


class LinkOver(Gone):
    code = "link-over"
    title = "This link is over"
