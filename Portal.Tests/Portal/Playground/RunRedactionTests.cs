using System.Text.RegularExpressions;
using Portal.Components.Inputs;
using Portal.Features.Playground;
using Portal.Runner.Content;
using Portal.Runner.Contract;

namespace Portal.Tests.Portal.Playground;

public class RunRedactionTests
{
    private const string Image = "data:image/png;base64,iVBORw0KGgo=";
    private static readonly string s_large = $"data:image/png;base64,{Convert.ToBase64String(new byte[300])}";

    [Fact]
    public void Apply_Full_KeepsEverythingButMedia()
    {
        var kept = RunRedaction.Apply(Run(new JsonObject { ["mail"] = "ada@example.com", ["photo"] = Image, ["list"] = new JsonArray(Image, 1) }, $"see {Image}."), new RunPolicy());

        Assert.Equal("ada@example.com", kept.Input["mail"]!.ToString());
        Assert.StartsWith("(media image/png, 8 bytes, sha256 4c4b6a3b", kept.Input["photo"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal(kept.Input["photo"]!.ToString(), kept.Input["list"]![0]!.ToString());
        Assert.DoesNotContain("base64", kept.Output, StringComparison.Ordinal);
        Assert.True(RunRedaction.HasPlaceholder(kept.Input));
        Assert.Equal(RunKeeping.Full, kept.Kept);
    }

    [Theory]
    [InlineData(RunKeeping.Full, true)]
    [InlineData(RunKeeping.Redacted, false)]
    public void Apply_Pictures_KeepTheirPreviewOnlyInFull(RunKeeping keeping, bool expected)
    {
        var run = Run(new JsonObject { ["photo"] = s_large }, "");
        var hash = KeptMedia.Find(KeptMedia.Summarize(run.Input, new Dictionary<string, string>())["photo"])!["sha256"]!.ToString();

        var kept = RunRedaction.Apply(run with { Previews = new Dictionary<string, string> { [hash] = "data:image/jpeg;base64,AAAA" } }, new RunPolicy { Playground = keeping });

        var media = KeptMedia.Find(kept.Input["photo"])!;
        Assert.Equal((hash, expected), (media["sha256"]!.ToString(), media.ContainsKey("preview")));
        Assert.Equal(kept.ToRow().Input, kept.Input.ToJsonString(InputJson.Compact));
        Assert.DoesNotContain("preview", RunRedaction.WithoutPreviews(kept.Input).ToJsonString(), StringComparison.Ordinal);
        Assert.True(RunRedaction.HasPlaceholder(kept.Input));
    }

    [Fact]
    public void Apply_Off_KeepsNothingThatWasSaid()
    {
        var kept = RunRedaction.Apply(
            Run(new JsonObject { ["a"] = "ada@example.com" }, "hello") with { Error = new RunError("X", "refused: ada@example.com", null) }, new RunPolicy { Playground = RunKeeping.Off });

        Assert.Equal(("{}", "", null, RunKeeping.Off), (kept.Input.ToJsonString(), kept.Output, kept.Content, kept.Kept));
        Assert.DoesNotContain("ada@", kept.Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("write to ada.b+c@mail.example.co.uk now", "write to (address) now")]
    [InlineData("card 4111 1111 1111 1111.", "card (card number).")]
    [InlineData("card 4111-1111-1111-1111", "card (card number)")]
    [InlineData("order 4111111111111112 stays", "order 4111111111111112 stays")]
    [InlineData("key sk-abcdefghijklmnop1234", "key (secret)")]
    [InlineData("12345 plain", "12345 plain")]
    public void CleanText_Patterns_AreTakenOut(string text, string expected) => Assert.Equal(expected, ContentRedaction.Clean(text, []));

    [Theory]
    [InlineData("{\"type\":\"string\",\"writeOnly\":true}", null, "pin")]
    [InlineData("{\"type\":\"string\",\"format\":\"password\"}", null, "pin")]
    [InlineData("{\"type\":\"string\"}", "pin", "pin")]
    [InlineData("{\"type\":\"string\"}", null, "clientSecret")]
    public void Apply_SecretVariable_IsNeitherInInputNorInTheAnswer(string schema, string? listed, string name)
    {
        var content = $"---\ninput:\n  schema: {{\"type\":\"object\",\"properties\":{{\"{name}\":{schema}}}}}\n---\nx";
        var run = Run(new JsonObject { [name] = "swordfish", ["topic"] = "the swordfish is fine" }, "You said swordfish!") with { Content = content };

        var kept = RunRedaction.Apply(run, new RunPolicy { Playground = RunKeeping.Redacted, SecretVariables = listed is null ? [] : [listed] });

        Assert.DoesNotContain("swordfish", kept.Input.ToJsonString() + kept.Output, StringComparison.Ordinal);
        Assert.Equal("You said (secret)!", kept.Output);
    }

    [Fact]
    public void Apply_AnswerIsJsonWithASecretThatIsEscapedInIt_HoldsNothingOfIt()
    {
        var run = Run(new JsonObject { ["password"] = "sword\"fish" }, """{"said":"the sword\"fish"}""");

        var kept = RunRedaction.Apply(run, new RunPolicy { Playground = RunKeeping.Redacted });

        Assert.Equal("""{"said":"the (secret)"}""", kept.Output);
    }

    [Theory]
    [InlineData("see DATA:Image/PNG;Base64,AAAABBBB.", "see (media Image/PNG, 6 bytes, sha256 ).")]
    [InlineData("data:image/png;base64,AAAABBA%3D", "(media image/png, 5 bytes, sha256 )")]
    [InlineData("data:image/png;charset=utf-8;name=\"a.png\";base64,AAAABBBB", "(media image/png, 6 bytes, sha256 )")]
    [InlineData("a data:text/plain;charset=utf-8,top%20secret+1 b", "a (media text/plain, 12 bytes, sha256 ) b")]
    [InlineData("a data:,top%20secret b", "a (media , 10 bytes, sha256 ) b")]
    [InlineData("{\"a\":\"data:text/plain,top\",\"b\":1}", "{\"a\":\"(media text/plain, 3 bytes, sha256 )\",\"b\":1}")]
    [InlineData("data:image/svg+xml;utf8,<svg a=\"b\"> <c/></svg>", "(media image/svg+xml, 22 bytes, sha256 )")]
    [InlineData("the data: all of it; data:and/or, data:", "the data: all of it; data:and/or, data:")]
    public void WithoutMedia_DataUrl_IsItsTypeAndSize(string text, string expected) =>
        Assert.Equal(expected, Regex.Replace(ContentRedaction.WithoutMedia(text), "sha256 [0-9a-f]{64}", "sha256 "));

    [Theory]
    [InlineData("data:")]
    [InlineData("data:a/b")]
    [InlineData("data:a/b;c")]
    [InlineData(";c=d")]
    [InlineData("data:a/b;base64,!")]
    [InlineData("data:a/b;")]
    public void WithoutMedia_LongHostileText_IsQuick(string part)
    {
        // A pattern that looked at every end of every beginning would not come back.
        var text = "data:a/b" + string.Concat(Enumerable.Repeat(part, 100_000));

        Assert.Equal(text, ContentRedaction.WithoutMedia(text));
    }

    [Fact]
    public void KeepingOf_Sampled_IsAboutTheShareAndAlwaysTheSame()
    {
        var policy = new RunPolicy { Flows = RunKeeping.Redacted, SamplePercent = 30 };
        var kept = Enumerable.Range(0, 2000).Count(i => policy.KeepingOf(RunSnapshot.FromFlow, $"call-{i}") == RunKeeping.Redacted);

        Assert.InRange(kept, 480, 720);
        Assert.Equal(policy.KeepingOf(RunSnapshot.FromFlow, "call-7"), policy.KeepingOf(RunSnapshot.FromFlow, "call-7"));
        Assert.Equal(RunKeeping.Full, policy.KeepingOf(RunSnapshot.Playground, "call-7"));
    }

    [Fact]
    public void CleanText_LongHostileText_IsQuick()
    {
        // A pattern that looked at every end of every beginning would not come back.
        var text = string.Concat(Enumerable.Repeat("a.b-c+d_", 40_000)) + string.Concat(Enumerable.Repeat("1 ", 100_000));

        Assert.Equal(text.Length, ContentRedaction.Clean(ContentRedaction.WithoutMedia(text + "data:"), []).Length - 5);
    }

    private static RunSnapshot Run(JsonObject input, string output) => new()
    {
        Id = "1",
        Namespace = "n",
        Prompt = "p",
        Input = input,
        Output = output,
        Content = "x",
        StartedAt = DateTimeOffset.UnixEpoch,
    };
}
