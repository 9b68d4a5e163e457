using Portal.Dotprompt;
using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Messages;
using Portal.Dotprompt.Rendering;
using Portal.Tests.Shared;
using Xunit.Abstractions;

namespace Portal.Tests.Dotprompt.Differential;

/// <summary>Generated documents, rendered by us and by the reference implementation. GENKIT_TEST_LONG=1 runs many more, from a seed of the day.</summary>
public class DifferentialTests(ITestOutputHelper output)
{
    private const int Shown = 8;

    [Fact]
    public async Task Render_GeneratedDocuments_GivesWhatTheReferenceGives()
    {
        var (usual, count) = TestMode.IsLong ? (Environment.TickCount, 50_000) : (20261121, 3_000);
        var seed = TestMode.SeedOr(usual);
        output.WriteLine($"Seed {seed}, {count} documents.");
        var generator = new DocumentGenerator(seed);
        var documents = Enumerable.Range(0, count).Select(_ => generator.Next()).ToList();
        var equivalents = documents.Select(document => document.EquivalentRequest()).ToList();
        var asked = ReferenceImplementation.AnswerAsync([.. documents.Select(document => document.Request()), .. equivalents.OfType<JsonObject>()]);
        var ours = documents.AsParallel().AsOrdered().WithDegreeOfParallelism(2).Select(document => (Strict: Render(document, strict: true), Safe: Render(document, strict: false))).ToList();
        var answers = await asked;
        var next = count;
        var failures = new List<string>();
        for (var i = 0; i < count; i++)
        {
            var equivalent = equivalents[i] is null ? null : answers[next++];
            failures.AddRange(Compare(documents[i], ours[i].Strict, ours[i].Safe, answers[i], equivalent).Select(failure => $"document {i}: {failure}\n {documents[i]}"));
        }

        Assert.True(failures.Count == 0, $"Seed {seed}: {failures.Count} of {count} differ.\n{string.Join("\n\n", failures.OrderBy(failure => failure.Length).Take(Shown))}");
    }

    private static IEnumerable<string> Compare(GeneratedDocument document, string strict, string ours, JsonObject reference, JsonObject? equivalent)
    {
        if (strict != Normal(reference))
        {
            yield return $"in compatibility mode\n ours {strict}\n reference {Normal(reference)} {reference["error"]}";
        }

        if (document.Differences == Differences.None && ours != Normal(reference))
        {
            yield return $"ours {ours}\n reference {Normal(reference)} {reference["error"]}";
        }
        else if (document.Differences.HasFlag(Differences.BrokenYaml) && ours != Failed)
        {
            yield return $"broken frontmatter is rendered: {ours}";
        }
        else if (equivalent is not null && GeneratedDocument.DefuseMarkers(ours) != Normal(equivalent))
        {
            yield return $"as understood ({document.Differences})\n ours {ours}\n reference {Normal(equivalent)} {equivalent["error"]}";
        }
    }

    private const string Failed = "an error";

    private static string Render(GeneratedDocument document, bool strict)
    {
        var renderer = new PromptRenderer(new RenderEnvironment
        {
            StrictCompatibility = strict,
            Partial = name => document.Partials[name]?.GetValue<string>(),
            Schema = name => DocumentGenerator.Schemas[name] as JsonObject,
            Tool = name => DocumentGenerator.Tools[name] as JsonObject,
            ModelConfig = name => DocumentGenerator.ModelConfigs[name] as JsonObject,
        });
        try
        {
            var rendered = renderer.Render(DotpromptDocument.Parse(document.Source), new RenderData
            {
                Input = document.Input,
                InputDefaults = document.CallDefaults,
                Context = document.Context,
                Docs = document.Docs,
                Messages = document.Messages.Deserialize<List<Message>>(DotpromptJson.Options)!,
            });
            // Half a surrogate pair is written as an escape here and as the character by the peer.
            return $"{PromptCase.Messages(rendered).Replace("\\uFFFD", "\uFFFD", StringComparison.Ordinal)} {PromptCase.Metadata(rendered.Metadata)} {PromptCase.Sorted(rendered.Metadata.Raw)?.ToJsonString(DotpromptJson.Options)}";
        }
        catch (PromptRenderException)
        {
            return Failed;
        }
    }

    /// <summary>A reference's answer in the shape of ours.</summary>
    private static string Normal(JsonObject answer) => answer["messages"] is not { } messages
        ? Failed
        : $"{messages.ToJsonString(DotpromptJson.Options)} {PromptCase.Metadata(answer["metadata"]!.AsObject())} {PromptCase.Sorted(answer["metadata"]!["raw"])?.ToJsonString(DotpromptJson.Options)}";
}
