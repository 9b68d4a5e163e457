namespace Portal.Tests.Portal;

/// <summary>One running portal for the tests that need no fresh one. Each works in objects of its own.</summary>
[CollectionDefinition(Name)]
public sealed class PortalCollection : ICollectionFixture<PortalFixture>
{
    public const string Name = "running portal";
}

public sealed class PortalFixture : IAsyncLifetime
{
    internal RunningPortal Portal { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Portal = await RunningPortal.StartAsync();
        await Portal.WaitForReadyFlowAsync("demo", "support-reply");
    }

    public Task DisposeAsync() => Portal.DisposeAsync().AsTask();
}
