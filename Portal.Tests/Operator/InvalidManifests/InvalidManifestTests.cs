using System.Net;
using Portal.Kubernetes.Objects;

namespace Portal.Tests.Operator.InvalidManifests;

/// <summary>Every case of the folder, file by file: what is refused names the field, what is stored warns, and its condition says why it does not work.</summary>
public class InvalidManifestTests(AdmissionFixture fixture) : IClassFixture<AdmissionFixture>
{
    public static TheoryData<string> Files => [.. InvalidManifest.Files];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Create_InvalidManifest_IsRefusedOrWarnedOfWithItsField(string file)
    {
        var mistakes = new List<string>();
        foreach (var manifest in InvalidManifest.Read(file))
        {
            var lenient = await fixture.CreateAsync(AdmissionFixture.Lenient, manifest.Yaml, dryRun: true);
            Compare(mistakes, manifest, "refusals", manifest.Refused, lenient.Causes);

            // A refusal by the schema ends the review before the rules are asked.
            if (lenient.Causes.Count == 0)
            {
                Compare(mistakes, manifest, "warnings", [.. manifest.Broken, .. manifest.Warnings], lenient.Warnings);
            }
        }

        Assert.True(mistakes.Count == 0, string.Join('\n', mistakes));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Create_BrokenManifestWhenStrict_IsRefusedWithItsField(string file)
    {
        var mistakes = new List<string>();
        foreach (var manifest in InvalidManifest.Read(file).Where(manifest => manifest.Refused.Count == 0))
        {
            var strict = await fixture.CreateAsync(AdmissionFixture.Strict, manifest.Yaml, dryRun: true);
            Compare(mistakes, manifest, "refusals", manifest.Broken, strict.Causes);
            Compare(mistakes, manifest, "warnings", manifest.Warnings, strict.Warnings);
        }

        Assert.True(mistakes.Count == 0, string.Join('\n', mistakes));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Create_BrokenManifest_HasTheCondition(string file)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var live = new TestNamespace(fixture.Client, AdmissionFixture.Live, timeout.Token);
        foreach (var manifest in InvalidManifest.Read(file).Where(manifest => manifest.Condition is not null))
        {
            var created = await fixture.CreateAsync(AdmissionFixture.Live, manifest.Yaml, dryRun: false);
            Assert.True(created.Status == HttpStatusCode.Created, $"{manifest.Title}: {string.Join('\n', created.Causes)}");
            var stored = new KubeObject(TestManifests.Read(manifest.Yaml)[0]);
            var (reason, message) = manifest.Condition!.Split(": ", 2) switch { var parts => (parts[0], parts[1]) };

            var ready = (await live.UntilReadyIsAsync(stored.Kind, stored.Name, "False", message)).FindCondition("Ready");

            Assert.Equal(reason, ready!.Reason);
        }
    }

    [Fact]
    public void Folder_HasEnoughCases() => Assert.True(InvalidManifest.Files.Sum(file => InvalidManifest.Read(file).Count) >= 120);

    private static void Compare(List<string> mistakes, InvalidManifest manifest, string what, IReadOnlyList<string> expected, IReadOnlyList<string> actual)
    {
        if (expected.Count != actual.Count || !expected.All(text => actual.Any(line => line.Contains(text, StringComparison.Ordinal))))
        {
            mistakes.Add($"{manifest.Title}: {what}\n  expected {string.Join("\n           ", expected)}\n  got      {string.Join("\n           ", actual)}");
        }
    }
}
