"""A foreign client that takes the subscription of a source over (TransferSubscriptions)."""

from __future__ import annotations

from asyncua import Client, ua

from edge.sources.base import Source
from edge.sources.opcua.source import OpcUaLink
from edge.sources.runner import LinkSource


def link_of(source: Source) -> OpcUaLink:
    assert isinstance(source, LinkSource)
    assert isinstance(source._link, OpcUaLink)
    return source._link


async def take_over(thief: Client, source: Source) -> None:
    """Raises UaStatusCodeError where the server refuses."""
    parameters = ua.TransferSubscriptionsParameters()
    parameters.SubscriptionIds = [ua.IntegerId(link_of(source)._subscribed.subscription)]
    parameters.SendInitialValues = False
    (result,) = await thief.uaclient.session.transfer_subscriptions(parameters)
    result.StatusCode.check()
