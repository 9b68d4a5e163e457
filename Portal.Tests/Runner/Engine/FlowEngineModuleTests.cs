using Microsoft.Extensions.DependencyInjection;
using Portal.Runner.Engine;
using Portal.Runner.Providers;

namespace Portal.Tests.Runner.Engine;

public class FlowEngineModuleTests
{
    [Fact]
    public void AddFlowEngine_Twice_GivesOneEngineWithEveryProvider()
    {
        using var services = new ServiceCollection().AddFlowEngine().AddFlowEngine()
            .BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

        Assert.Same(services.GetRequiredService<FlowEngine>(), services.GetRequiredService<FlowEngine>());
        Assert.Equal(["anthropic", "azureaifoundry", "bedrock", "demo", "googleai", "ollama", "openai", "vertexai"], services.GetRequiredService<ProviderCatalog>().Names);
    }
}
