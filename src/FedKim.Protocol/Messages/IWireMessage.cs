namespace FedKim.Protocol.Messages;

/// <summary>Marks a control message between nodes. Bound to the Hyperion serializer; the only types it will read.</summary>
public interface IWireMessage;
