using Portal.Features.Audit;

namespace Portal.Tests.Portal.Audit;

public class FieldDifferenceTests
{
    [Theory]
    [InlineData("""{"a": 1, "b": {"c": "x"}}""", """{"a": 1, "b": {"c": "y"}}""", "b.c: x → y")]
    [InlineData("""{"a": [1, 2]}""", """{"a": [1, 3, 4]}""", "a[1]: 2 → 3|a[2]: – → 4")]
    [InlineData("""{"a": {"b": 1}}""", """{"a": "text"}""", """a: {"b":1} → text""")]
    [InlineData("""{"spec": {"replicas": 1}}""", "{}", "spec.replicas: 1 → –")]
    [InlineData("""{"same": {"x": [1, {"y": null}]}}""", """{"same": {"x": [1, {"y": null}]}}""", "")]
    [InlineData("""{"kind": "P", "metadata": {"name": "p", "generation": 1, "managedFields": [1]}, "status": {"a": 1}}""",
        """{"kind": "P", "metadata": {"name": "p", "generation": 2, "managedFields": [2]}, "status": {"a": 2}}""", "")]
    public void Between_Objects_NamesTheFieldsThatDiffer(string before, string after, string expected) =>
        Assert.Equal(expected, Show(FieldDifference.Between(Parse(before), Parse(after), "Prompt")));

    [Fact]
    public void Between_NewAndGoneObjects_ListsTheirFields()
    {
        var item = Parse("""{"spec": {"content": "hello", "tags": ["x"]}}""");

        Assert.Equal("spec.content: – → hello|spec.tags[0]: – → x", Show(FieldDifference.Between(null, item, "Prompt")));
        Assert.Equal("spec.content: hello → –|spec.tags[0]: x → –", Show(FieldDifference.Between(item, null, "Prompt")));
    }

    [Theory]
    [InlineData("Secret", """{"data": {"k": "aHVudGVyMg=="}}""")]
    [InlineData("Secret", """{"stringData": {"k": "hunter2hunter2"}}""")]
    [InlineData("PluginConfig", """{"spec": {"apiKey": "hunter2hunter2"}}""")]
    [InlineData("PluginConfig", """{"spec": {"client-secret": "hunter2hunter2"}}""")]
    [InlineData("Flow", """{"spec": {"env": [{"name": "OPENAI_API_KEY", "value": "hunter2hunter2"}]}}""")]
    [InlineData("Prompt", """{"spec": {"content": "call it with Authorization: Bearer hunter2hunter2"}}""")]
    [InlineData("Prompt", """{"spec": {"content": "use sk-ant-hunter2hunter2 for it"}}""")]
    [InlineData("Tool", """{"spec": {"url": "https://me:hunter2hunter2@example.com/x"}}""")]
    [InlineData("Tool", """{"metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "hunter2hunter2"}}, "kind": "Tool"}""")]
    public void Between_Secrets_AreNeverTold(string kind, string json)
    {
        var shown = Show(FieldDifference.Between(null, Parse(json), kind)) + Show(FieldDifference.Between(Parse(json), null, kind));

        Assert.DoesNotContain("hunter2", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("aHVudGVyMg", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"spec": {"apiKey": "one-secret-value"}}""", """{"spec": {"apiKey": "two-secret-value"}}""")]
    [InlineData("""{"spec": {"text": "key sk-aaaaaaaaaaaaaaaaaaaa"}}""", """{"spec": {"text": "key sk-bbbbbbbbbbbbbbbbbbbb"}}""")]
    public void Between_SecretThatChanged_SaysThatItDid(string before, string after)
    {
        var change = Assert.Single(FieldDifference.Between(Parse(before), Parse(after), "PluginConfig"));

        Assert.Equal("(secret) changed", change.After);
    }

    [Theory]
    [InlineData("maxTokens")]
    [InlineData("inputTokens")]
    [InlineData("secretName")]
    [InlineData("keyRef")]
    public void Between_OrdinaryNames_AreTold(string name)
    {
        var item = new JsonObject { [name] = "shown" };

        Assert.Equal($"{name}: – → shown", Show(FieldDifference.Between(null, item, "Flow")));
    }

    [Fact]
    public void Between_LongTexts_KeepsTheLinesThatDiffer()
    {
        var lines = Enumerable.Range(0, 1000).Select(number => $"line {number}").ToArray();
        var before = new JsonObject { ["content"] = string.Join('\n', lines) };
        lines[500] = "line five hundred";
        var after = new JsonObject { ["content"] = string.Join('\n', lines) };

        var change = Assert.Single(FieldDifference.Between(before, after, "Prompt"));

        Assert.Equal("…\nline 500\n…", change.Before);
        Assert.Equal("…\nline five hundred\n…", change.After);
    }

    [Fact]
    public void Between_HugeObjects_StaysSmall()
    {
        var huge = new JsonObject();
        for (var index = 0; index < 5000; index++)
        {
            huge[$"field{index}"] = new string('x', 3000);
        }

        var changes = FieldDifference.Between(null, huge, "Prompt");

        Assert.True(FieldDifference.Write(changes)!.Length < 60_000);
        Assert.EndsWith("more fields", changes[^1].After, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        var changes = FieldDifference.Between(Parse("""{"a": "<b>"}"""), Parse("""{"a": "ä\n"}"""), "Prompt");

        Assert.Equal(changes, FieldDifference.Read(FieldDifference.Write(changes)));
        Assert.Equal("(unreadable)", Assert.Single(FieldDifference.Read("nonsense")).Path);
    }

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();

    private static string Show(IReadOnlyList<FieldChange> changes) =>
        string.Join('|', changes.Select(change => $"{change.Path}: {change.Before ?? "–"} → {change.After ?? "–"}"));
}
