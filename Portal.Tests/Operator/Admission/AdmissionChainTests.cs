using Portal.Operator.Admission;
using Portal.Tests.Shared;

namespace Portal.Tests.Operator.Admission;

public class AdmissionChainTests
{
    private const string Reserved = """
        kind: Flow
        metadata: {name: healthz, namespace: shop}
        spec: {image: runner}
        """;

    [Fact]
    public void Review_ACreate_IsJudged() =>
        Assert.Equal(["metadata.name"], Chain().Review(Create(Reserved)).Errors.Select(error => error.Field));

    [Fact]
    public void Review_ADelete_IsAllowed() =>
        Assert.Equal(AdmissionVerdict.Allowed, Chain().Review(new(AdmissionOperation.Delete, null, Object(Reserved))));

    [Fact]
    public void Review_AnotherKind_IsAllowed() =>
        Assert.Equal(AdmissionVerdict.Allowed, Chain().Review(Create("kind: ConfigMap\nmetadata: {name: healthz}")));

    /// <summary>So that labels and finalizers of what was stored before a rule can still be changed.</summary>
    [Fact]
    public void Review_AnUpdateThatKeepsTheSpec_IsAllowed()
    {
        var labelled = Object(Reserved);
        labelled["metadata"]!["labels"] = new JsonObject { ["team"] = "a" };

        Assert.Equal(AdmissionVerdict.Allowed, Chain().Review(new(AdmissionOperation.Update, labelled, Object(Reserved))));
    }

    [Fact]
    public void Review_AnUpdateOfTheSpec_IsJudged()
    {
        var changed = Object(Reserved);
        changed["spec"]!["replicas"] = 2;

        Assert.False(Chain().Review(new(AdmissionOperation.Update, changed, Object(Reserved))).IsAllowed);
    }

    [Fact]
    public void Review_AnObjectThatIsBeingDeleted_IsAllowed()
    {
        var leaving = Object(Reserved);
        leaving["metadata"]!["deletionTimestamp"] = "2030-01-01T00:00:00Z";
        leaving["spec"]!["replicas"] = 2;

        Assert.True(Chain().Review(new(AdmissionOperation.Update, leaving, Object(Reserved))).IsAllowed);
    }

    [Fact]
    public void Review_WhileObjectsAreNotKnown_SaysNothingOfReferences()
    {
        var chain = new AdmissionChain(new AdmissionOptions { Strict = true }, () => null, AdmissionRules.All);

        Assert.Equal(AdmissionVerdict.Allowed, chain.Review(Create("""
            kind: Flow
            metadata: {name: web, namespace: shop}
            spec: {image: runner, modelRef: {name: nope}, prompts: [{promptRef: {name: nope}}], tools: [{name: nope}]}
            """)), Same);
    }

    [Fact]
    public void Review_AnotherObjectThatCannotBeRead_IsNotThisObjectsFault()
    {
        var objects = TestManifests.Parse("""
            kind: Prompt
            metadata: {name: odd, namespace: shop}
            spec: {content: [not, text]}
            """);

        var verdict = Chain(objects: objects).Review(Create("""
            kind: Flow
            metadata: {name: web, namespace: shop}
            spec: {image: runner, prompts: [{promptRef: {name: odd}}]}
            """));

        Assert.Equal(AdmissionVerdict.Allowed, verdict, Same);
    }

    [Fact]
    public void Review_ASpecOfAnotherShape_NamesThePlace()
    {
        var error = Assert.Single(Chain().Review(Create("kind: Flow\nmetadata: {name: web}\nspec: {image: runner, replicas: many}")).Errors);

        Assert.Equal("spec.replicas", error.Field);
    }

    [Theory]
    [InlineData("kind: Flow\nmetadata: {name: web}\nspec: {prompts: []}", "image")]
    [InlineData("kind: Flow\nmetadata: {name: web}\nspec: {image: ''}", "image")]
    [InlineData("kind: Eval\nmetadata: {name: web}\nspec: {metrics: [latency], outputSink: {configMap: {name: a, key: b}}, flowRef: {name: a}, datasetRef: {name: b}}", "runnerImage")]
    public void Review_NoImageWithADefault_FillsItInAndJudgesWithIt(string yaml, string field)
    {
        var verdict = Chain(new AdmissionOptions { RunnerImage = "registry/runner:1", Strict = true }).Review(Create(yaml));

        Assert.Equal("registry/runner:1", verdict.Defaults[field].ToString());
        Assert.DoesNotContain(verdict.Errors, error => error.Message.Contains("image", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("kind: Flow\nmetadata: {name: web}")]
    [InlineData("kind: Flow\nmetadata: {name: web}\nspec: [image]")]
    public void Review_NoSpecWithADefault_IsLeftToTheSchema(string yaml) =>
        Assert.Empty(Chain(new AdmissionOptions { RunnerImage = "registry/runner:1" }).Review(Create(yaml)).Defaults);

    [Fact]
    public void Review_AnImageWithADefault_StaysAsItIs() =>
        Assert.Empty(Chain(new AdmissionOptions { RunnerImage = "registry/runner:1" }).Review(Create("kind: Flow\nmetadata: {name: web}\nspec: {image: mine}")).Defaults);

    /// <summary>What we tell people to apply pleases the strictest cluster, and has nothing to be warned of.</summary>
    [Fact]
    public void Review_TheShippedSamples_HaveNoFinding()
    {
        var samples = Directory.GetFiles(Repository.Path("docs", "samples"), "*.yaml")
            .SelectMany(file => TestManifests.Read(File.ReadAllText(file))).Select(Stored).Where(manifest => manifest["kind"]?.ToString() != "Kustomization").ToList();
        var chain = Chain(new AdmissionOptions { Strict = true }, new TestManifests(samples));

        var findings = samples.Select(sample => (Sample: sample, Verdict: chain.Review(new AdmissionRequest(AdmissionOperation.Create, sample))))
            .SelectMany(judged => judged.Verdict.Errors.Concat(judged.Verdict.Warnings).Select(finding => $"{judged.Sample["kind"]} {judged.Sample["metadata"]!["name"]}: {finding}"));

        Assert.NotEmpty(samples);
        Assert.Equal("", string.Join('\n', findings));
    }

    /// <summary>As a server stores it.</summary>
    private static JsonObject Stored(JsonObject manifest)
    {
        if (manifest["stringData"] is JsonObject text)
        {
            manifest["data"] = text.DeepClone();
        }

        return manifest;
    }

    [Fact]
    public void Review_AThousandToolsInALoop_Ends()
    {
        var tools = Enumerable.Range(0, 1000).Select(number => $$$"""
            kind: Tool
            metadata: {name: t{{{number}}}, namespace: shop}
            spec: {definition: {name: t}, implementation: {flowRef: {name: f{{{number + 1}}} } }}
            ---
            kind: Flow
            metadata: {name: f{{{number}}}, namespace: shop}
            spec: {image: runner, tools: [{name: t{{{number}}} }, {name: t{{{(number * 7) % 1000}}} }]}
            """);
        var objects = TestManifests.Parse(string.Join("\n---\n", tools));

        var verdict = Chain(objects: objects).Review(Create("kind: Flow\nmetadata: {name: web, namespace: shop}\nspec: {image: runner, tools: [{name: t0}]}"));

        Assert.True(verdict.IsAllowed);
    }

    [Theory]
    [InlineData("spec: {image: runner, prompts: [null]}", "spec.prompts[0]")]
    [InlineData("spec: {image: runner, env: [{name: A}, null]}", "spec.env[1]")]
    public void Review_ANullInAList_IsRefused(string spec, string field)
    {
        var error = Assert.Single(Chain().Review(Create($"kind: Flow\nmetadata: {{name: web}}\n{spec}")).Errors);

        Assert.Equal((field, "is null"), (error.Field, error.Message));
    }

    [Theory]
    [InlineData("kind: Flow\nmetadata: {name: web}\nspec: {image: runner, modelRef: null, env: null, resources: {limits: {cpu: null}}, prompts: null}")]
    [InlineData("kind: Tool\nmetadata: {name: web}\nspec: {definition: {description: x, inputSchema: null, odd: [null]}, implementation: {flowRef: null, http: {url: 'https://a.example', method: null}}}")]
    public void Review_ANullMember_IsAsIfItWereNotThere(string yaml) => Assert.Equal(AdmissionVerdict.Allowed, Chain().Review(Create(yaml)), Same);

    /// <summary>A later version of the API may have more fields and values than this one.</summary>
    [Fact]
    public void Review_FieldsOfALaterVersion_AreLeftAlone() => Assert.Equal(AdmissionVerdict.Allowed, Chain().Review(Create("""
        kind: Flow
        metadata: {name: web}
        spec: {image: runner, canary: {weight: 10, steps: [null, {at: 5}]}, prompts: [{prompt: {name: a, content: Hi., language: en}}]}
        status: {phase: Hibernating, conditions: [{type: Ready, status: Maybe}]}
        """)), Same);

    /// <summary>Whatever is put in place of whatever part of an object, there is a verdict.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(20301)]
    public void Review_MutatedObjects_NeverThrows(int seed)
    {
        var random = new Random(seed);
        var originals = InvalidManifests.InvalidManifest.Files.SelectMany(InvalidManifests.InvalidManifest.Read)
            .Where(manifest => manifest.Yaml.Length < 10_000).Select(manifest => Object(manifest.Yaml)).ToList();
        var chain = Chain(new AdmissionOptions { RunnerImage = "x" }, new TestManifests(originals));
        for (var round = 0; round < 5000; round++)
        {
            var mutated = (JsonObject)originals[random.Next(originals.Count)].DeepClone();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                Mutate(mutated, random);
            }

            Assert.NotNull(chain.Review(new AdmissionRequest(AdmissionOperation.Create, mutated)));
        }
    }

    private static void Mutate(JsonNode node, Random random)
    {
        JsonNode? Other() => random.Next(8) switch
        {
            0 => null,
            1 => new JsonArray(),
            2 => new JsonObject(),
            3 => -1,
            4 => "",
            5 => new JsonArray(null, "x", 7),
            6 => new string('\u00e9', 300),
            _ => new JsonObject { ["name"] = null, ["prompt"] = "{{#if" },
        };

        switch (node)
        {
            case JsonObject { Count: > 0 } map:
                var key = map.ElementAt(random.Next(map.Count)).Key;
                if (key != "kind" && (map[key] is not { } inner || inner is JsonValue || random.Next(4) == 0))
                {
                    map[key] = Other();
                }
                else if (key != "kind")
                {
                    Mutate(map[key]!, random);
                }

                break;
            case JsonArray { Count: > 0 } list:
                var index = random.Next(list.Count);
                if (list[index] is not { } item || item is JsonValue || random.Next(4) == 0)
                {
                    list[index] = Other();
                }
                else
                {
                    Mutate(item, random);
                }

                break;
        }
    }

    private static AdmissionChain Chain(AdmissionOptions? options = null, TestManifests? objects = null) =>
        new(options ?? new AdmissionOptions(), () => objects, AdmissionRules.All);

    private static AdmissionRequest Create(string yaml) => new(AdmissionOperation.Create, Object(yaml));

    private static JsonObject Object(string yaml) => TestManifests.Read(yaml)[0];

    private static bool Same(AdmissionVerdict one, AdmissionVerdict other) =>
        one.Errors.SequenceEqual(other.Errors) && one.Warnings.SequenceEqual(other.Warnings) && one.Defaults.Count == other.Defaults.Count;
}
