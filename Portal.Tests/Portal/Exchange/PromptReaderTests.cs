using System.IO.Compression;
using System.Text;
using Portal.Features.Exchange;
using Portal.Features.Exchange.Reading;

namespace Portal.Tests.Portal.Exchange;

public class PromptReaderTests
{
    [Theory]
    [InlineData("greet.prompt", "greet", false)]
    [InlineData("greet.formal.prompt", "greet.formal", false)]
    [InlineData("_header.prompt", "header", true)]
    public void Read_PromptFile_IsNamedByItsFile(string file, string name, bool isPartial)
    {
        var prompt = Assert.Single(Read((file, "\uFEFF---\r\nmodel: a/b\r\n---\r\nHello\r\n")));

        Assert.Equal((name, isPartial, "\uFEFF---\r\nmodel: a/b\r\n---\r\nHello\r\n"), (prompt.Name, prompt.IsPartial, prompt.Content));
        Assert.Equal(2, prompt.Notes.Count(note => note.Kind == NoteKind.Warning));
    }

    [Theory]
    [InlineData("a.prompt", new byte[] { 0x61, 0xFF, 0xFE }, "not UTF-8 text (byte 2)")]
    [InlineData("a.prompt", new byte[0], "empty")]
    [InlineData("a.prompt", new byte[] { 0xEF, 0xBB, 0xBF, 0x20, 0x0A }, "empty")]
    [InlineData("a.bin", new byte[] { 0x61 }, "none of the formats")]
    [InlineData("a.zip", new byte[] { 0x50, 0x4B, 3, 4, 9, 9 }, "not a zip archive")]
    public void Read_BadFile_SaysWhy(string name, byte[] content, string expected) =>
        Assert.Contains(expected, Assert.Single(PromptReader.Read([new SourceFile(name, content)], null, "demo")).Problem, StringComparison.Ordinal);

    [Fact]
    public void Read_HugeFile_IsRefused() =>
        Assert.Contains("at most", Assert.Single(PromptReader.Read([new SourceFile("a.prompt", new byte[ExchangeLimits.File + 1])], null, "demo")).Problem, StringComparison.Ordinal);

    [Fact]
    public void Read_Manifests_TakesPromptsAndNamesTheRest()
    {
        var prompts = Read(("x.yaml", """
            apiVersion: genkit.dev/v1alpha1
            kind: Prompt
            metadata: { name: a, namespace: other, labels: { team: x } }
            spec: { content: "Hello {{name}}", description: said }
            ---
            apiVersion: genkit.dev/v1alpha1
            kind: Flow
            metadata: { name: f }
            spec: {}
            ---
            apiVersion: genkit.dev/v1alpha1
            kind: Prompt
            metadata: { name: empty }
            spec: {}
            ---
            just text
            """));

        Assert.Equal(["a", "f", "empty", ""], prompts.Select(prompt => prompt.Name));
        Assert.Equal("Hello {{name}}", prompts[0].Content);
        Assert.Equal(["spec.content", "metadata.namespace", "metadata.labels", "spec.description"], prompts[0].Notes.Select(note => note.Field));
        Assert.Equal([false, true, false, false], prompts.Select(prompt => prompt.IsLeft));
        Assert.Contains("spec.content", prompts[2].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AliasBomb_IsRefused()
    {
        var bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (var i = 1; i < 10; i++)
        {
            bomb.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        }

        Assert.Contains("not YAML", Assert.Single(Read(("x.yaml", bomb.ToString()))).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Archive_LeavesOutWhatCannotBeTrusted()
    {
        var zip = Zip(
            ("set/greet.prompt", "Hello"u8.ToArray(), 0), ("set/more/greet.prompt", "Hello again"u8.ToArray(), 0), ("set/_part.prompt", "Part"u8.ToArray(), 0),
            ("../evil.prompt", "x"u8.ToArray(), 0), ("/etc/evil.prompt", "x"u8.ToArray(), 0), ("C:\\evil.prompt", "x"u8.ToArray(), 0), ("set/link.prompt", "greet.prompt"u8.ToArray(), unchecked((int)0xA1ED0000)),
            ("set/greet.prompt", "Other"u8.ToArray(), 0), ("set/bell\u0007.prompt", "x"u8.ToArray(), 0), ("set/inner.zip", "PK\u0003\u0004"u8.ToArray(), 0), ("__MACOSX/._greet.prompt", "x"u8.ToArray(), 0));

        var prompts = PromptReader.Read([new SourceFile("set.zip", zip)], null, "demo");

        Assert.Equal(["greet", "more-greet", "part"], prompts.Where(prompt => prompt.Content is not null).Select(prompt => prompt.Name));
        Assert.Equal(
            ["leads out", "leads out", "leads out", "a link", "same name", "control characters", "archive in an archive"],
            prompts.Where(prompt => prompt.Problem is not null).Select(prompt => new[] { "leads out", "a link", "same name", "control characters", "archive in an archive" }
                .First(words => prompt.Problem!.Contains(words, StringComparison.OrdinalIgnoreCase))));
        Assert.DoesNotContain(prompts, prompt => prompt.Source.Any(char.IsControl));
    }

    [Fact]
    public void Read_ZipBombs_StopEarly()
    {
        var ratio = Assert.Single(PromptReader.Read([new SourceFile("a.zip", Zip(("a.prompt", new byte[2_000_000], 0)))], null, "demo"));
        Assert.Contains("times its size", ratio.Problem, StringComparison.Ordinal);

        // Nothing in it is suspicious by itself.
        var random = new Random(7);
        var noise = new byte[3_500_000];
        random.NextBytes(noise);
        var files = Enumerable.Range(0, 20).Select(i => ($"{i:D2}.prompt", noise, 0)).ToArray();
        var all = PromptReader.Read([new SourceFile("b.zip", Zip(files))], null, "demo");
        Assert.InRange(all.Count, 1, 15);
        Assert.Contains("Unpacked, the archive has more than", all[^1].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_MoreThanALimitOfPrompts_IsRefusedAsAWhole()
    {
        var one = """{"name":"n","type":"text","prompt":"x"}""";
        var many = $"[{string.Join(',', Enumerable.Range(0, ExchangeLimits.Prompts + 1).Select(i => one.Replace("\"n\"", $"\"n{i}\"", StringComparison.Ordinal)))}]";

        Assert.Contains("at most 2,000", Assert.Single(Read(("x.json", many))).Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}", PromptFormat.OpenAi)]
    [InlineData("[{\"name\":\"a\",\"prompt\":\"x\"}]", PromptFormat.Langfuse)]
    [InlineData("apiVersion: genkit.dev/v1alpha1\nkind: Prompt\nmetadata: {name: a}\nspec: {content: x}", PromptFormat.Manifest)]
    [InlineData("{\"apiVersion\": \"genkit.dev/v1alpha1\", \"kind\": \"Prompt\", \"metadata\": {\"name\": \"a\"}, \"spec\": {\"content\": \"x\"}}", PromptFormat.Manifest)]
    [InlineData("{{role \"system\"}} be kind", PromptFormat.Dotprompt)]
    [InlineData("---\nmodel: a/b\n---\nhello", PromptFormat.Dotprompt)]
    public void Read_Pasted_TellsTheFormat(string text, PromptFormat expected)
    {
        var prompt = Assert.Single(Read(("pasted", text)));

        Assert.Equal((expected, null), (prompt.Format, prompt.Problem));
    }

    private static IReadOnlyList<ForeignPrompt> Read(params (string Name, string Text)[] files) =>
        PromptReader.Read([.. files.Select(file => new SourceFile(file.Name, Encoding.UTF8.GetBytes(file.Text)))], null, "demo");

    private static byte[] Zip(params (string Path, byte[] Content, int Attributes)[] files)
    {
        using var content = new MemoryStream();
        using (var zip = new ZipArchive(content, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var file in files)
            {
                var entry = zip.CreateEntry(file.Path, file.Content.Length > 2_000_000 ? CompressionLevel.NoCompression : CompressionLevel.Optimal);
                entry.ExternalAttributes = file.Attributes;
                using var stream = entry.Open();
                stream.Write(file.Content);
            }
        }

        return content.ToArray();
    }
}
