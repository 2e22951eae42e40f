using System.Text;
using Akka.Actor;
using CsCheck;
using FedKim.Protocol.Framed;
using FedKim.Protocol.Links;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using FedKim.Rounds.Tests;
using Google.Protobuf;

namespace FedKim.Protocol.Tests;

public sealed class LinkFrameTests
{
    private static readonly ClientId Site = new("hospital-a");
    private static readonly IActorRef Gate = ActorRefs.Nobody;
    private static readonly RoundId Round = new(new FederationId("demo-2"), 7);

    public static TheoryData<Type> OfSites => [typeof(SiteMessages.Hello), typeof(SiteMessages.Contribute), typeof(SiteMessages.CannotContribute)];

    public static TheoryData<Type> OfServers =>
    [
        typeof(SiteMessages.Train), typeof(SiteMessages.Answered), typeof(SiteMessages.SendAgain), typeof(SiteMessages.RoundEnded), typeof(SiteMessages.FederationEnded),
        typeof(SiteMessages.NameTaken), typeof(SiteMessages.NotInvited), typeof(WeightMessages.Wanted), typeof(WeightMessages.UpdateWanted),
    ];

    public static TheoryData<Type> Questions => [.. Generated.Implementations(typeof(FederationQueries.IQuestion)).Where(type => type != typeof(FederationQueries.GetReplay))];

    public static TheoryData<Type> Answers =>
    [
        typeof(FederationView), typeof(RoundView), typeof(InjectorView), typeof(FederationQueries.Result), typeof(FederationQueries.Federations),
        typeof(FederationQueries.Text), typeof(FederationQueries.Story), typeof(FederationQueries.Rounds), typeof(FederationQueries.Clients),
        typeof(FederationQueries.NotFound), typeof(OperatorMessages.Refused),
    ];

    [Theory]
    [MemberData(nameof(OfSites))]
    public void What_a_site_says_reads_back_the_same_under_its_own_name(Type type) => Generated.Of(type, Gate).Sample(said =>
    {
        var message = Proper((IWireMessage)said);
        var read = SiteFrames.Read(SiteFrame.Parser.ParseFrom(SiteFrames.Of(message)!.ToByteArray()), Site, Gate, "outbound");
        Assert.Equal(Contents.Of(message), Contents.Of(read!));
    });

    [Theory]
    [MemberData(nameof(OfServers))]
    public void What_a_server_says_reads_back_the_same(Type type) => Generated.Of(type, Gate).Sample(said =>
    {
        var message = Proper((IWireMessage)said);
        var read = ServerFrames.Read(ServerFrame.Parser.ParseFrom(ServerFrames.Of(message)!.ToByteArray()), Site);
        Assert.Equal(Contents.Of(message), Contents.Of(read!));
    });

    [Theory]
    [MemberData(nameof(Questions))]
    public void Every_question_reads_back_the_same(Type type) => Generated.Of(type).Sample(asked =>
        Assert.Equal(asked, SiteFrames.Question(SiteFrame.Parser.ParseFrom(SiteFrames.Of(3, (FederationQueries.IQuestion)asked)!.ToByteArray()))));

    [Fact]
    public void What_costs_the_server_as_much_as_a_round_is_asked_on_no_line()
    {
        Assert.Null(SiteFrames.Of(3, new FederationQueries.GetReplay(1)));
        Assert.Null(SiteFrames.Question(Asked("GetReplay", "{\"number\":1,\"federation\":\"\"}")));
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void Every_answer_reads_back_the_same(Type type) => Generated.Of(type).Sample(answer =>
        Assert.Equal(Contents.Of(answer), Contents.Of(ServerFrames.Answer(ServerFrame.Parser.ParseFrom(ServerFrames.Of(3, (IWireMessage)answer).ToByteArray()))!)));

    [Fact]
    public void A_frame_of_a_site_has_no_place_for_a_sites_name()
    {
        var frames = SiteFrame.Descriptor.Fields.InDeclarationOrder().Select(f => f.MessageType).ToArray();
        Assert.Equal(4, frames.Length);
        Assert.DoesNotContain(frames.SelectMany(m => m.Fields.InDeclarationOrder()), f => f.Name.Contains("client") || f.Name.Contains("site"));
    }

    [Fact]
    public void A_frame_of_a_kind_or_with_fields_that_nobody_knows_yet_is_passed_over()
    {
        byte[] strange = [0x9A, 0x06, 0x01, 0x00];
        Assert.Null(SiteFrames.Read(SiteFrame.Parser.ParseFrom(strange), Site, Gate, ""));
        Assert.Null(ServerFrames.Read(ServerFrame.Parser.ParseFrom(strange), Site));
        byte[] more = [.. SiteFrames.Of(new SiteMessages.CannotContribute(Round, Site, "no data"))!.ToByteArray(), .. strange];
        Assert.Equal(new SiteMessages.CannotContribute(Round, Site, "no data"), SiteFrames.Read(SiteFrame.Parser.ParseFrom(more), Site, Gate, ""));
    }

    [Theory]
    [InlineData("Stop", "{\"cause\":\"enough\"}")]
    [InlineData("Submit", "{\"plan\":\"AA==\"}")]
    [InlineData("System.IO.FileInfo", "{}")]
    public void What_changes_something_and_what_no_version_knows_is_no_question(string kind, string text) => Assert.Null(SiteFrames.Question(Asked(kind, text)));

    [Theory]
    [InlineData("GetRound", "{\"number\":null}")]
    [InlineData("GetFederation", "{\"federation\":null}")]
    [InlineData("GetRound", "{\"number\":\"x\"}")]
    [InlineData("GetRound", "[]")]
    [InlineData("GetRound", "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}")]
    [InlineData("GetRound", "")]
    [InlineData("GetRound", "null")]
    public void A_question_that_is_malformed_is_refused(string kind, string text) => Assert.Throws<FormatException>(() => SiteFrames.Question(Asked(kind, text)));

    [Fact]
    public void A_list_with_nothing_in_it_is_refused() => Assert.Throws<FormatException>(() => ServerFrames.Answer(
        new ServerFrame { Answer = new Answer { Id = 1, Kind = nameof(FederationQueries.Clients), Text = ByteString.CopyFromUtf8("{\"items\":[null],\"next\":\"\"}") } }));

    public static TheoryData<SiteFrame> Malformed =>
    [
        new SiteFrame { Contributed = new Contributed { Round = new RoundName { Federation = "../../etc", Number = 1 }, Update = Digits(32) } },
        new SiteFrame { Contributed = new Contributed { Round = new RoundName { Federation = "demo", Number = 0 }, Update = Digits(32) } },
        new SiteFrame { Contributed = new Contributed { Round = new RoundName { Federation = "demo", Number = 1 }, Update = Digits(31) } },
        new SiteFrame { Contributed = new Contributed { Update = Digits(32) } },
        new SiteFrame { Refusal = new Refusal { Round = new RoundName { Federation = "demo", Number = 1 }, Reason = new string('x', 5_000) } },
        new SiteFrame { Hello = new Hello { Activity = new string('x', 200) } },
        new SiteFrame { Hello = new Hello { Epoch = -1 } },
        new SiteFrame { Hello = new Hello { Epoch = int.MaxValue } },
        new SiteFrame { Hello = new Hello { Machine = new string('x', 200) } },
    ];

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_frame_that_is_too_long_or_malformed_is_refused(SiteFrame frame) => Assert.Throws<FormatException>(() => SiteFrames.Read(frame, Site, Gate, ""));

    [Fact]
    public void Words_that_are_too_many_are_cut_where_they_are_written()
    {
        var read = (SiteMessages.CannotContribute)SiteFrames.Read(
            SiteFrames.Of(new SiteMessages.CannotContribute(Round, Site, string.Concat(Enumerable.Repeat("🫀", 9_000))))!, Site, Gate, "")!;
        Assert.EndsWith("🫀…", read.Reason);
        Assert.InRange(read.Reason.Length, 3_000, 4_000);
    }

    [Fact]
    public void Whatever_bytes_arrive_are_a_message_or_are_refused() => Gen.Byte.Array[0, 60].Sample(bytes =>
    {
        try
        {
            SiteFrames.Read(SiteFrame.Parser.ParseFrom(bytes), Site, Gate, "");
            SiteFrames.Question(SiteFrame.Parser.ParseFrom(bytes));
            ServerFrames.Read(ServerFrame.Parser.ParseFrom(bytes), Site);
            ServerFrames.Answer(ServerFrame.Parser.ParseFrom(bytes));
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or FormatException)
        {
            // Refused.
        }
    });

    private static SiteFrame Asked(string kind, string text) => new() { Question = new Question { Id = 1, Kind = kind, Text = ByteString.CopyFrom(Encoding.UTF8.GetBytes(text)) } };

    private static ByteString Digits(int bytes) => ByteString.CopyFrom(new byte[bytes]);

    // As the rules make them: names of letters, epochs from 0, and the site that the line is of.
    private static IWireMessage Proper(IWireMessage message) => message switch
    {
        SiteMessages.Hello m => m with { Client = Site, Epoch = m.Epoch & 0xfffffff, Through = "outbound" },
        SiteMessages.Contribute m => m with { Client = Site, Round = Round },
        SiteMessages.CannotContribute m => m with { Client = Site, Round = Round },
        SiteMessages.Train m => m with { Round = Round, Epoch = m.Epoch & 0xfffffff },
        SiteMessages.Answered m => m with { Client = Site, Round = Round },
        SiteMessages.SendAgain m => m with { Round = Round },
        SiteMessages.RoundEnded m => m with { Round = Round, Epoch = m.Epoch & 0xfffffff },
        SiteMessages.FederationEnded m => m with { Federation = Round.Federation, Epoch = m.Epoch & 0xfffffff },
        SiteMessages.NameTaken m => m with { Client = Site },
        SiteMessages.NotInvited m => m with { Client = Site, Federation = Round.Federation },
        WeightMessages.UpdateWanted m => m with { Round = Round },
        _ => message,
    };
}
