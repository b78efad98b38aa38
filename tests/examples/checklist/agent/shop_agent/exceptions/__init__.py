"""Errors that are raised on purpose."""


class ShopError(Exception):
    """The root."""

    status = 500


class NotAllowedError(ShopError):
    """There is no valid token."""

    status = 401


class TooManyRequestsError(ShopError):
    """The client's share is used up."""

    status = 429


class ModelError(ShopError):
    """The model did not answer."""

    status = 502
