namespace FedKim.Certificates;

/// <summary>Who may do what. There is no other table, and what is not in it nobody may.</summary>
public static class Rights
{
    /// <summary>Whether a peer of this role may do this; for which site it may is for the one to say who knows the deed.</summary>
    public static bool Allow(PeerRole role, Deed deed) => (role, deed) switch
    {
        (PeerRole.Server, Deed.FetchModel or Deed.BringModel or Deed.BringUpdate) => true,
        (PeerRole.Injector, Deed.FetchModel or Deed.BringModel) => true,
        (PeerRole.Hospital, Deed.FetchModel or Deed.BringModel or Deed.BringUpdate or Deed.Contribute) => true,
        (PeerRole.Operator, Deed.Ask or Deed.Change) => true,
        (PeerRole.Observer, Deed.Ask) => true,
        _ => false,
    };
}
