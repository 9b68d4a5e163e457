namespace Portal.Tests.ApiServer.Conformance;

// A class for each area of recorded exchanges, so that its cases share a server and areas run side by side.
// RecordingTests checks that none is missing.

public sealed class AdmissionConformanceTests(ConformanceServer server) : IClassFixture<ConformanceServer>
{
    [Theory]
    [Area("admission")]
    public Task Answers_Always_AreAsRecorded(string name) => server.RunAsync("admission", name);
}

public sealed class ApplyConformanceTests(ConformanceServer server) : IClassFixture<ConformanceServer>
{
    [Theory]
    [Area("apply")]
    public Task Answers_Always_AreAsRecorded(string name) => server.RunAsync("apply", name);
}

public sealed class AuthConformanceTests(ConformanceServer server) : IClassFixture<ConformanceServer>
{
    [Theory]
    [Area("auth")]
    public Task Answers_Always_AreAsRecorded(string name) => server.RunAsync("auth", name);
}

public sealed class CrdConformanceTests(ConformanceServer server) : IClassFixture<ConformanceServer>
{
    [Theory]
    [Area("crd")]
    public Task Answers_Always_AreAsRecorded(string name) => server.RunAsync("crd", name);
}

public sealed class CrudConformanceTests(ConformanceServer server) : IClassFixture<ConformanceServer>
{
    [Theory]
    [Area("crud")]
    public Task Answers_Always_AreAsRecorded(string name) => server.RunAsync("crud", name);
}

public sealed class DiscoveryConformanceTests(ConformanceServer server) : IClassFixture<ConformanceServer>
{
    [Theory]
    [Area("discovery")]
    public Task Answers_Always_AreAsRecorded(string name) => server.RunAsync("discovery", name);
}

public sealed class DryRunConformanceTests(ConformanceServer server) : IClassFixture<ConformanceServer>
{
    [Theory]
    [Area("dryrun")]
    public Task Answers_Always_AreAsRecorded(string name) => server.RunAsync("dryrun", name);
}

public sealed class ErrorsConformanceTests(ConformanceServer server) : IClassFixture<ConformanceServer>
{
    [Theory]
    [Area("errors")]
    public Task Answers_Always_AreAsRecorded(string name) => server.RunAsync("errors", name);
}

public sealed class FieldValidationConformanceTests(ConformanceServer server) : IClassFixture<ConformanceServer>
{
    [Theory]
    [Area("fieldvalidation")]
    public Task Answers_Always_AreAsRecorded(string name) => server.RunAsync("fieldvalidation", name);
}

public sealed class LeaseConformanceTests(ConformanceServer server) : IClassFixture<ConformanceServer>
{
    [Theory]
    [Area("lease")]
    public Task Answers_Always_AreAsRecorded(string name) => server.RunAsync("lease", name);
}

public sealed class ListConformanceTests(ConformanceServer server) : IClassFixture<ConformanceServer>
{
    [Theory]
    [Area("list")]
    public Task Answers_Always_AreAsRecorded(string name) => server.RunAsync("list", name);
}

public sealed class MetadataConformanceTests(ConformanceServer server) : IClassFixture<ConformanceServer>
{
    [Theory]
    [Area("metadata")]
    public Task Answers_Always_AreAsRecorded(string name) => server.RunAsync("metadata", name);
}

public sealed class PatchJsonConformanceTests(ConformanceServer server) : IClassFixture<ConformanceServer>
{
    [Theory]
    [Area("patch-json")]
    public Task Answers_Always_AreAsRecorded(string name) => server.RunAsync("patch-json", name);
}

public sealed class PatchMergeConformanceTests(ConformanceServer server) : IClassFixture<ConformanceServer>
{
    [Theory]
    [Area("patch-merge")]
    public Task Answers_Always_AreAsRecorded(string name) => server.RunAsync("patch-merge", name);
}

public sealed class PatchStrategicConformanceTests(ConformanceServer server) : IClassFixture<ConformanceServer>
{
    [Theory]
    [Area("patch-strategic")]
    public Task Answers_Always_AreAsRecorded(string name) => server.RunAsync("patch-strategic", name);
}

public sealed class ScaleConformanceTests(ConformanceServer server) : IClassFixture<ConformanceServer>
{
    [Theory]
    [Area("scale")]
    public Task Answers_Always_AreAsRecorded(string name) => server.RunAsync("scale", name);
}

public sealed class SchemaConformanceTests(ConformanceServer server) : IClassFixture<ConformanceServer>
{
    [Theory]
    [Area("schema")]
    public Task Answers_Always_AreAsRecorded(string name) => server.RunAsync("schema", name);
}

public sealed class StatusConformanceTests(ConformanceServer server) : IClassFixture<ConformanceServer>
{
    [Theory]
    [Area("status")]
    public Task Answers_Always_AreAsRecorded(string name) => server.RunAsync("status", name);
}

public sealed class TableConformanceTests(ConformanceServer server) : IClassFixture<ConformanceServer>
{
    [Theory]
    [Area("table")]
    public Task Answers_Always_AreAsRecorded(string name) => server.RunAsync("table", name);
}

public sealed class WatchConformanceTests(ConformanceServer server) : IClassFixture<ConformanceServer>
{
    [Theory]
    [Area("watch")]
    public Task Answers_Always_AreAsRecorded(string name) => server.RunAsync("watch", name);
}
