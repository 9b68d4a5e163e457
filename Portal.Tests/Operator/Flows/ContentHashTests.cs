using Portal.Kubernetes.Objects;
using Portal.Operator.Flows;

namespace Portal.Tests.Operator.Flows;

public class ContentHashTests
{
    private static readonly FlowFiles s_files = Files(prompts: new() { ["a.prompt"] = "A", ["b.prompt"] = "B" });

    [Fact]
    public void Of_AnyOrderOfManyEntries_IsTheSame()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        KeyValuePair<string, string>[] entries =
            [.. Enumerable.Range(0, 60).Select(i => KeyValuePair.Create($"{"prompts tools config".Split(' ')[i % 3]}/{i / 3}.x", $"v{i % 7}"))];
        var expected = ContentHash.Of(entries);

        for (var round = 0; round < 50; round++)
        {
            random.Shuffle(entries);
            Assert.True(expected == ContentHash.Of(entries), $"seed {seed}, round {round}");
        }
    }

    [Fact]
    public void Of_Anything_IsSixtyFourHexDigits() => Assert.Matches("^[0-9a-f]{64}$", Hash(s_files, secret: null));

    public static TheoryData<string> Changes =>
        ["prompt content", "prompt name", "file moved to another set", "values swapped", "file added", "secret added", "tool", "config"];

    [Theory]
    [MemberData(nameof(Changes))]
    public void Of_OneChange_IsAnother(string change)
    {
        var changed = change switch
        {
            "prompt content" => Hash(Files(prompts: new() { ["a.prompt"] = "A", ["b.prompt"] = "b" }), null),
            "prompt name" => Hash(Files(prompts: new() { ["a.prompt"] = "A", ["c.prompt"] = "B" }), null),
            "file moved to another set" => Hash(Files(prompts: new() { ["a.prompt"] = "A" }, tools: new() { ["b.prompt"] = "B" }), null),
            "values swapped" => Hash(Files(prompts: new() { ["a.prompt"] = "B", ["b.prompt"] = "A" }), null),
            "file added" => Hash(Files(prompts: new() { ["a.prompt"] = "A", ["b.prompt"] = "B", ["c.prompt"] = "" }), null),
            "secret added" => Hash(s_files, Secret("s", ("K", "Zm9v"))),
            "tool" => Hash(s_files with { Tools = new Dictionary<string, string> { ["t.json"] = "{}" } }, null),
            _ => Hash(s_files with { Config = new Dictionary<string, string> { ["config.json"] = "{}" } }, null),
        };

        Assert.NotEqual(Hash(s_files, secret: null), changed);
    }

    [Fact]
    public void Of_SecretNameKeyOrValueChanges_IsAnother()
    {
        string[] hashes =
        [
            Hash(s_files, Secret("s", ("K", "Zm9v"))),
            Hash(s_files, Secret("s2", ("K", "Zm9v"))),
            Hash(s_files, Secret("s", ("K2", "Zm9v"))),
            Hash(s_files, Secret("s", ("K", "YmFy"))),
            Hash(s_files, Secret("s", ("K", "Zm9v"), ("L", ""))),
        ];

        Assert.Equal(hashes.Length, hashes.Distinct().Count());
    }

    [Fact]
    public void Of_VariableFromASecretChanges_IsAnother()
    {
        string[] hashes =
        [
            Hash(s_files, null),
            ContentHash.Of(s_files, [], [KeyValuePair.Create("env/secret/s/K", "Zm9v")]),
            ContentHash.Of(s_files, [], [KeyValuePair.Create("env/secret/s/K", "YmFy")]),
            ContentHash.Of(s_files, [], [KeyValuePair.Create("env/configmap/s/K", "Zm9v")]),
        ];

        Assert.Equal(hashes.Length, hashes.Distinct().Count());
        Assert.Equal(hashes[1], ContentHash.Of(s_files, [], [KeyValuePair.Create("env/secret/s/K", "Zm9v"), KeyValuePair.Create("env/secret/s/K", "Zm9v")]));
    }

    [Fact]
    public void Of_SameKeyTwice_IsRefused() =>
        Assert.Throws<ArgumentException>(() => ContentHash.Of([KeyValuePair.Create("a", "1"), KeyValuePair.Create("a", "2")]));

    private static string Hash(FlowFiles files, KubeObject? secret) => ContentHash.Of(files, secret is null ? [] : [secret], []);

    private static FlowFiles Files(Dictionary<string, string> prompts, Dictionary<string, string>? tools = null) =>
        new() { Prompts = prompts, Tools = tools ?? [], Config = new Dictionary<string, string>() };

    private static KubeObject Secret(string name, params (string Key, string Value)[] data) => new(new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = name },
        ["data"] = new JsonObject(data.Select(item => KeyValuePair.Create<string, JsonNode?>(item.Key, item.Value))),
    });
}
