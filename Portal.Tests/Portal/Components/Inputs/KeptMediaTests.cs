using Portal.Components.Inputs;

namespace Portal.Tests.Portal.Components.Inputs;

public class KeptMediaTests
{
    private static readonly byte[] s_png = [0x89, (byte)'P', (byte)'N', (byte)'G', .. new byte[200_000]];

    [Fact]
    public void Summarize_AFileAnywhereInTheInput_KeepsHashSizeAndPreviewButNoBytes()
    {
        var media = MediaValue.Of(s_png, "image/png", "photo.png", "data:image/jpeg;base64,AAAA");
        var input = new JsonObject { ["photo"] = media.Url, ["more"] = new JsonArray(media.Url, "text"), ["name"] = "data:,Ada" };

        var kept = KeptMedia.Summarize(input, new Dictionary<string, string> { [media.Hash] = media.Preview! });

        var photo = KeptMedia.Find(kept["photo"])!;
        Assert.Equal(("image/png", (long)s_png.Length, media.Hash, "data:image/jpeg;base64,AAAA"), ((string)photo["type"]!, (long)photo["bytes"]!, (string)photo["sha256"]!, (string)photo["preview"]!));
        Assert.NotNull(KeptMedia.Find(kept["more"]![0]));
        Assert.Equal("text", (string)kept["more"]![1]!);
        Assert.Equal("data:,Ada", (string)kept["name"]!);
        Assert.True(kept.ToJsonString().Length < 1000);
        Assert.Equal(media.Url, (string)input["photo"]!);
    }

    [Fact]
    public void Load_OfARunWithAFile_ShowsWhatWasKeptAndLeavesTheFieldEmpty()
    {
        var inputs = new InputsModel();
        inputs.Update((JsonObject)JsonNode.Parse("""{"properties":{"photo":{"type":"string"}},"required":["photo"]}""")!, [], new HashSet<string> { "photo" });
        Assert.Equal(InputKind.Media, inputs.Fields[0].Kind);
        var media = MediaValue.Of(s_png, "image/png", "photo.png", null);

        inputs.Load(KeptMedia.Summarize(new JsonObject { ["photo"] = media.Url }, inputs.Previews));

        Assert.Equal(media.Hash, (string)inputs.KeptOf(inputs.Fields[0])!["sha256"]!);
        Assert.Equal("", inputs.ValueOf(inputs.Fields[0]));
        inputs.Set(inputs.Fields[0], media.Url);
        Assert.Null(inputs.KeptOf(inputs.Fields[0]));
        Assert.True(inputs.TryBuild(out var input, out _));
        Assert.Equal(media.Url, (string)input!["photo"]!);
    }

    [Theory]
    [InlineData("image/png", new byte[] { 0x89, 80, 78, 71, 1 }, "image/png")]
    [InlineData("text/html", new byte[] { 0xFF, 0xD8, 0xFF, 1 }, "image/jpeg")]
    [InlineData("image/png", new byte[] { 60, 115, 118, 103 }, null)]
    [InlineData("image/svg+xml", new byte[] { 60, 115, 118, 103 }, null)]
    [InlineData("text/html", new byte[] { 60 }, null)]
    [InlineData("text/plain", new byte[] { 60 }, "text/plain")]
    [InlineData("audio/mpeg", new byte[] { 1 }, "audio/mpeg")]
    [InlineData("application/pdf", new byte[] { 1 }, null)]
    public void TypeOf_AFile_IsWhatItHoldsAndNotWhatItIsCalled(string claimed, byte[] bytes, string? expected) => Assert.Equal(expected, MediaValue.TypeOf(bytes, claimed));

    [Theory]
    [InlineData("data:image/png;base64,%%%")]
    [InlineData("data:image/png,abc")]
    [InlineData("https://example.org/a.png")]
    [InlineData("data:")]
    [InlineData("")]
    public void Read_WhatIsNoDataUrlInBase64_IsNull(string url) => Assert.Null(MediaValue.Read(url));

    [Theory]
    [InlineData("a\n b \n\n", """{"tags":["a"," b "]}""")]
    [InlineData("[\"a\", \"\"]", """{"tags":["a",""]}""")]
    [InlineData("", "{}")]
    public void TryBuild_AList_IsOneItemALineOrJson(string text, string expected)
    {
        var inputs = new InputsModel();
        inputs.Update((JsonObject)JsonNode.Parse("""{"properties":{"tags":{"type":"array","items":{"type":"string"}}}}""")!, []);
        inputs.Set(inputs.Fields[0], text);

        Assert.True(inputs.TryBuild(out var input, out _));
        Assert.Equal(expected, input!.ToJsonString());
        Assert.Equal(expected == "{}" ? null : input["tags"]!.ToJsonString(), inputs.Fields[0].Parse(inputs.Fields[0].Format(input["tags"]))?.ToJsonString());
    }

    [Fact]
    public void TryBuild_AListOfNumbersWithAWord_SaysSo()
    {
        var inputs = new InputsModel();
        inputs.Update((JsonObject)JsonNode.Parse("""{"properties":{"sizes":{"type":"array","items":{"type":"integer"}}}}""")!, []);
        inputs.Set(inputs.Fields[0], "1\ntwo");

        Assert.False(inputs.TryBuild(out _, out var problem));
        Assert.Equal("sizes must be a whole number.", problem);
    }
}
