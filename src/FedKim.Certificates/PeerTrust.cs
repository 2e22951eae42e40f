using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FedKim.Certificates;

/// <summary>
/// A node's own certificate and whom it trusts, read again when its files change: a renewed certificate and a list of revoked ones take effect
/// without a restart. What cannot be used leaves what was read before, and is told. The one judge of peers, whichever way they come.
/// </summary>
public sealed class PeerTrust : IDisposable
{
    /// <summary>How often the files are looked at. What they say is compared and not when they were written: clocks, copies and links hide that.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly Lock _turn = new();
    private readonly TrustFiles _files;
    private readonly TimeProvider _clock;
    private readonly Action<string> _told;
    private readonly ITimer _timer;
    private volatile TrustState _state;
    private object? _doubt, _said;

    private PeerTrust(TrustFiles files, TimeProvider clock, Action<string> told)
    {
        (_files, _clock, _told) = (files, clock, told);
        _state = TrustState.Of(files, TrustState.FileTexts.Read(files), null, clock.GetUtcNow());
        _timer = clock.CreateTimer(_ => LookUnlessLooking(), null, LookEvery, LookEvery);
    }

    /// <summary>Raised after other files count, on a thread of its own: whoever keeps connections asks <see cref="Check"/> of each again. It must not throw.</summary>
    public event Action? Changed;

    /// <summary>Who the node is. It stays the same until the node ends.</summary>
    public PeerId Id => _state.Id;

    /// <summary>Whose peers it speaks with.</summary>
    public string Consortium => Id.Consortium;

    /// <summary>Its certificate now, with the key. It belongs to this object.</summary>
    public X509Certificate2 Certificate => _state.Own;

    /// <summary>The same for TLS, with the authorities between it and the root, so that a peer that has only the root believes it.</summary>
    public SslStreamCertificateContext Context => _state.Context;

    /// <summary>How TLS puts together what a peer shows, before it is judged: from what is at hand. Else it would fetch whatever a stranger's certificate names.</summary>
    public X509ChainPolicy ChainPolicy => _state.Check.Policy;

    /// <summary>Reads the files, and again whenever they change.</summary>
    /// <param name="files">The files.</param>
    /// <param name="clock">The only source of time.</param>
    /// <param name="told">Told what cannot be used, while what was read before goes on. It must not throw.</param>
    /// <exception cref="CertificateException">They cannot be used.</exception>
    public static PeerTrust Load(TrustFiles files, TimeProvider clock, Action<string> told) => new(files, clock, told);

    /// <summary>Who a peer is, and whether that counts now. Cheap for one that was asked of before.</summary>
    /// <param name="certificate">What it has shown; null where it showed none.</param>
    /// <param name="shown">The chain that TLS hands to a callback, for what the peer has shown besides; null where there is none.</param>
    public PeerVerdict Check(X509Certificate2? certificate, X509Chain? shown = null) => _state.Check.Judge(certificate, shown, _clock.GetUtcNow());

    /// <summary>The certificates by which the node goes now: its own, and those of whom it trusts to sign.</summary>
    public IReadOnlyList<KnownCertificate> Known()
    {
        var (state, now) = (_state, _clock.GetUtcNow());
        return
        [
            Of("own", state.Own, state.Id.ToString()),
            .. state.Check.Policy.CustomTrustStore.Concat(state.Check.Between).Select(authority => Of("authority", authority, Plain.Text(authority.Subject))),
        ];

        KnownCertificate Of(string kind, X509Certificate2 certificate, string whose)
        {
            DateTimeOffset begins = certificate.NotBefore, ends = certificate.NotAfter;
            var list = state.Revoked.FirstOrDefault(one => one.IsOf(certificate));
            string counts = state.Revoked.Any(one => one.Names(certificate)) ? "revoked" : ends <= now ? "ended" : begins > now ? "begins later" : "counts";
            return new KnownCertificate(kind, whose, counts, begins, ends, certificate.SerialNumber, list?.Count, list?.MadeAt);
        }
    }

    /// <summary>Looks at the files at once. It is also done every second.</summary>
    public void Look()
    {
        bool changed;
        lock (_turn)
            changed = Reads();
        if (changed)
            Changed?.Invoke();
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    // A mount that hangs keeps one thread. Every second's another one, waiting for it, would soon be all that the pool has.
    private void LookUnlessLooking()
    {
        if (!_turn.TryEnter())
            return;
        bool changed;
        try
        {
            changed = Reads();
        }
        finally
        {
            _turn.Exit();
        }

        if (changed)
            Changed?.Invoke();
    }

    // Whether other files count from now on.
    private bool Reads()
    {
        TrustState.FileTexts? texts = null;
        try
        {
            texts = TrustState.FileTexts.Read(_files);
            bool same = texts == _state.Texts;
            if (!same)
                _state = TrustState.Of(_files, texts, _state, _clock.GetUtcNow());
            (_doubt, _said) = (null, null);
            return !same;
        }
        catch (Exception e) when (e is CertificateException or IOException or UnauthorizedAccessException or CryptographicException)
        {
            Doubt((object?)texts ?? e.Message, e.Message);
            return false;
        }
    }

    // Files come one after the other, and a certificate a moment before its key is no news: what is still so at the next look is said, once.
    private void Doubt(object what, string problem)
    {
        if (what.Equals(_doubt) && !what.Equals(_said))
        {
            _said = what;
            _told($"{problem} What was read before goes on.");
        }

        _doubt = what;
    }
}
