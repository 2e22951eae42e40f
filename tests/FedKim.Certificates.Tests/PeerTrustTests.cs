using System.Collections.Concurrent;
using System.Runtime.Versioning;

namespace FedKim.Certificates.Tests;

public sealed class PeerTrustTests : IDisposable
{
    private readonly Clinics _clinics = new();
    private readonly ConcurrentQueue<string> _told = new();
    private readonly TrustFiles _files;

    public PeerTrustTests() => _files = _clinics.Files("server", PeerRole.Server);

    public void Dispose() => _clinics.Dispose();

    [Fact]
    public void A_node_is_who_its_certificate_says()
    {
        using var trust = Load();
        Assert.Equal("spiffe://clinics/server/server", trust.Id.ToString());
        Assert.Equal("clinics", trust.Consortium);
        Assert.True(trust.Certificate.HasPrivateKey);
    }

    [Fact]
    public void A_renewed_certificate_is_shown_without_a_restart()
    {
        using var trust = Load();
        int changes = 0;
        trust.Changed += () => Interlocked.Increment(ref changes);
        string before = trust.Certificate.Thumbprint;
        using var next = _clinics.Authority.Renew("server", Clinics.Year).Certificate();
        File.WriteAllText(_files.Certificate, next.ExportCertificatePem());
        Until(() => Volatile.Read(ref changes) > 0, trust);
        Assert.NotEqual(before, trust.Certificate.Thumbprint);
        Assert.Equal(next.Thumbprint, trust.Certificate.Thumbprint);
        Assert.Equal(1, changes);
        trust.Look();
        Assert.Equal(1, changes);
        Assert.Empty(_told);
    }

    [Theory]
    [InlineData("half of it")]
    [InlineData("nothing")]
    [InlineData("gone")]
    [InlineData("another's")]
    [InlineData("of another node")]
    public void What_cannot_be_used_leaves_what_was_there_and_is_said_once(string what)
    {
        using var trust = Load();
        trust.Changed += () => _told.Enqueue("changed");
        string good = File.ReadAllText(_files.Certificate), before = trust.Certificate.Thumbprint;
        using var other = _clinics.Signed("server", PeerRole.Server);
        using var node = _clinics.Signed("hospital-a", PeerRole.Hospital);
        if (what == "gone")
            File.Delete(_files.Certificate);
        else
            File.WriteAllText(_files.Certificate, what switch { "half of it" => good[..(good.Length / 2)], "nothing" => "", "another's" => other.ExportCertificatePem(), _ => node.ExportCertificatePem() });
        Until(() => !_told.IsEmpty, trust);
        trust.Look();
        trust.Look();
        string said = Assert.Single(_told);
        Assert.Contains(_files.Certificate, said, StringComparison.Ordinal);
        Assert.EndsWith("What was read before goes on.", said, StringComparison.Ordinal);
        Assert.Equal(before, trust.Certificate.Thumbprint);
        Assert.Null(trust.Check(trust.Certificate).Problem);

        File.WriteAllText(_files.Certificate, good);
        trust.Look();
        Assert.Single(_told);
    }

    [Fact]
    public void A_list_that_is_older_or_gone_gives_nothing_back()
    {
        using var hospital = _clinics.Signed("hospital-a", PeerRole.Hospital);
        string early = File.ReadAllText(_files.Revoked!);
        _clinics.Clock.Passes(TimeSpan.FromMinutes(1));
        _clinics.Authority.Revoke("hospital-a");
        File.WriteAllText(_files.Revoked!, _clinics.Authority.RevokedList);
        using var trust = Load();
        foreach (var spoil in new Action[] { () => File.WriteAllText(_files.Revoked!, early), () => File.Delete(_files.Revoked!) })
        {
            _told.Clear();
            spoil();
            Until(() => !_told.IsEmpty, trust);
            Assert.Contains(_files.Revoked!, Assert.Single(_told), StringComparison.Ordinal);
            Assert.Equal("its certificate is revoked", trust.Check(hospital).Problem);
        }
    }

    [Fact]
    public void A_list_that_lacks_a_trusted_issuer_gives_nothing_of_it_back()
    {
        using var others = new Clinics("others");
        using var hospital = _clinics.Signed("hospital-a", PeerRole.Hospital);
        _clinics.Authority.Revoke("hospital-a");
        string own = _clinics.Authority.RevokedList, theirs = others.Authority.RevokedList;
        File.AppendAllText(_files.Authority, others.Authority.Certificate.ExportCertificatePem());
        File.WriteAllText(_files.Revoked!, own + theirs);
        using var trust = Load();

        File.WriteAllText(_files.Revoked!, theirs);
        Until(() => !_told.IsEmpty, trust);

        Assert.Contains("has no list of CN=clinics any more", Assert.Single(_told), StringComparison.Ordinal);
        Assert.Equal("its certificate is revoked", trust.Check(hospital).Problem);

        // Whoever is not trusted any more needs none.
        File.WriteAllText(_files.Revoked!, own);
        File.WriteAllText(_files.Authority, _clinics.Authority.Certificate.ExportCertificatePem());
        trust.Look();
        Assert.Equal("its certificate is revoked", trust.Check(hospital).Problem);
        Assert.Single(_told);
    }

    [Fact]
    public async Task A_look_that_hangs_keeps_one_thread_and_no_more()
    {
        using var hangs = new ManualResetEventSlim();
        using var began = new ManualResetEventSlim();
        var clock = new HandClock();
        using var trust = PeerTrust.Load(_files, clock, _ =>
        {
            began.Set();
            hangs.Wait(TimeSpan.FromSeconds(60));
        });
        File.WriteAllText(_files.Certificate, "");
        clock.Tick();
        var first = Task.Run(clock.Tick);
        Assert.True(began.Wait(TimeSpan.FromSeconds(30)));

        var second = Task.Run(clock.Tick);

        Assert.Same(second, await Task.WhenAny(second, Task.Delay(TimeSpan.FromSeconds(30))));
        Assert.False(first.IsCompleted);
        hangs.Set();
        await first;
    }

    [Fact]
    public void A_node_whose_own_certificate_was_revoked_still_takes_the_list_and_does_not_start_again()
    {
        using var hospital = _clinics.Signed("hospital-a", PeerRole.Hospital);
        using var trust = Load();
        _clinics.Authority.Revoke("server");
        _clinics.Authority.Revoke("hospital-a");
        File.WriteAllText(_files.Revoked!, _clinics.Authority.RevokedList);
        trust.Look();
        Assert.Equal("its certificate is revoked", trust.Check(hospital).Problem);
        Assert.Contains("every peer would refuse it: its certificate is revoked", Assert.Throws<CertificateException>(Load).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_wrong_at_the_start_is_said_by_its_file()
    {
        Assert.Contains(_files.Revoked!, Problem(_files with { Authority = _files.Revoked! }), StringComparison.Ordinal);
        Assert.Contains("cannot be read", Problem(_files with { Revoked = _clinics.At("nowhere") }), StringComparison.Ordinal);
        Assert.Contains("is not the key of", Problem(_files with { Key = _clinics.Files("server", PeerRole.Server).Key }), StringComparison.Ordinal);
        using var others = new Clinics();
        Assert.Contains("every peer would refuse it", Problem(_files with { Authority = others.At("authority", "authority.pem"), Revoked = null }), StringComparison.Ordinal);
        Assert.Contains("was not signed by CN=clinics", Problem(_files with { Revoked = others.At("authority", "revoked.crl") }), StringComparison.Ordinal);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void A_key_may_be_read_by_the_accounts_group_behind_a_link_and_by_nobody_else()
    {
        const UnixFileMode Group = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        File.SetUnixFileMode(_files.Key, Group);
        string link = _clinics.At("link.key");
        File.CreateSymbolicLink(link, _files.Key);
        PeerTrust.Load(_files with { Key = link }, _clinics.Clock, _told.Enqueue).Dispose();
        File.SetUnixFileMode(_files.Key, Group | UnixFileMode.OtherRead);
        Assert.Contains("chmod 600", Problem(_files), StringComparison.Ordinal);
    }

    [Fact]
    public void A_peer_that_was_asked_of_before_is_cheap()
    {
        using var hospital = _clinics.Signed("hospital-a", PeerRole.Hospital);
        using var trust = Load();
        Assert.Null(trust.Check(hospital).Problem);
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(trust.Check(hospital).Problem);
        // Its print and a verdict; a chain is tens of kilobytes.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 2000);
    }

    /// <summary>A clock whose timer goes off when a test says so.</summary>
    private sealed class HandClock : TimeProvider
    {
        private Action _tick = () => { };

        public void Tick() => _tick();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _tick = () => callback(state);
            return base.CreateTimer(_ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private PeerTrust Load() => PeerTrust.Load(_files, _clinics.Clock, _told.Enqueue);

    private string Problem(TrustFiles files) => Assert.Throws<CertificateException>(() => PeerTrust.Load(files, _clinics.Clock, _told.Enqueue)).Message;

    // The files are looked at every second; a test need not wait for that.
    private static void Until(Func<bool> condition, PeerTrust trust) => Assert.True(SpinWait.SpinUntil(
        () =>
        {
            trust.Look();
            return condition();
        },
        TimeSpan.FromSeconds(30)));
}
