namespace Portal.Tests.ApiServer.Conformance;

/// <summary>The recorded kubectl commands, with the kubectl at hand.</summary>
public sealed class KubectlConformanceTests(ConformanceServer server) : IClassFixture<ConformanceServer>
{
    public static TheoryData<string> Names => [.. Recordings.Kubectl().Select(entry => entry!["name"]!.ToString())];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Commands_Always_DoAndPrintWhatWasRecorded(string name)
    {
        var entry = Recordings.Kubectl().Single(entry => entry!["name"]!.ToString() == name)!.AsObject();
        using var run = new KubectlRun(server, entry);
        await Deviations.CheckAsync($"kubectl/{name}", run.RunAsync);
    }
}
