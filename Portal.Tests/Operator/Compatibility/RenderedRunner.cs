using System.Text;
using Portal.Operator.Flows;
using Portal.Runner.Contract;
using Portal.Runner.Hosting;
using Portal.Runner.Providers;
using Portal.Tests.Runner.Flows;

namespace Portal.Tests.Operator.Compatibility;

/// <summary>A runner on the files that the operator makes of a Flow, laid out as a kubelet would.</summary>
internal static class RenderedRunner
{
    /// <param name="objects">One Flow in the namespace shop, and what it refers to.</param>
    /// <param name="provider">Stands for the model's provider.</param>
    /// <param name="change">Changes how the runner is started.</param>
    public static Task<RunningServer> StartAsync(TestManifests objects, IModelProvider provider, Func<RunnerOptions, RunnerOptions>? change = null)
    {
        var flow = objects.Get<Flow>("f");
        var (inputs, problem) = FlowDependencies.Resolve(flow, objects);
        Assert.Null(problem);
        var files = FlowFiles.Render(flow.Name, inputs!);
        var folder = new ContractFolder();
        foreach (var (kind, data) in files.ByKind)
        {
            foreach (var (name, content) in data)
            {
                folder.Write(kind == "config" ? name : $"{kind}/{name}", content);
            }
        }

        foreach (var secret in inputs!.HeaderSecrets)
        {
            foreach (var (name, value) in secret.Json["data"]!.AsObject())
            {
                var path = $"{ToolDescriptor.HeadersDirectory(secret.Name)}/{name}";
                folder.Write(Path.GetRelativePath(RuntimeLayout.DefaultRoot, path), Encoding.UTF8.GetString(Convert.FromBase64String((string)value!)));
            }
        }

        return RunningServer.StartAsync(provider, folder, change);
    }
}
