using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Configuration;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Bench;

/// <summary>Fills the operator's stores in a process that does nothing else, and weighs them.</summary>
internal static class MirrorBench
{
    public static async Task<(double Objects, double Bytes)> RunAsync(string kubeconfig)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in (string[])[typeof(MirrorBench).Assembly.Location, "mirror", kubeconfig])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var numbers = (await process.StandardOutput.ReadToEndAsync()).Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        await process.WaitForExitAsync();
        return (numbers[0], numbers[1]);
    }

    /// <summary>Prints the number of objects and the bytes they take.</summary>
    public static async Task MeasureAsync(string kubeconfig)
    {
        var client = new KubeClient(KubeConnectionFactory.FromKubeConfig(kubeconfig, context: null, TimeProvider.System));
        var factory = new InformerFactory(client, null, TimeProvider.System, NullLoggerFactory.Instance) { PacksObjects = true };
        var informers = new GenkitInformers(factory);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var stop = new CancellationTokenSource();
        var running = factory.RunAsync(stop.Token);
        await informers.WaitForSyncAsync(stop.Token);
        var objects = Read(informers);
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(informers);
        Console.Write(string.Create(CultureInfo.InvariantCulture, $"{objects} {bytes}"));
        await stop.CancelAsync();
        await running;
    }

    /// <summary>Looks at all that a reconcile looks at, as objects are read on first use.</summary>
    private static int Read(GenkitInformers informers)
    {
        var specs = informers.Flows.Store.List().Count(flow => flow.Spec.Image is null) + informers.Models.Store.List().Count(model => model.Spec.Model.Length == 0)
            + informers.PluginConfigs.Store.List().Count(plugin => plugin.Spec.Type.Length == 0) + informers.Prompts.Store.List().Count(prompt => prompt.Spec.Content.Length == 0);
        IEnumerable<KubeObject> all =
        [
            .. informers.Flows.Store.List(), .. informers.Models.Store.List(), .. informers.PluginConfigs.Store.List(), .. informers.Prompts.Store.List(),
            .. informers.Secrets.Store.List(), .. informers.Children.SelectMany(informer => informer.Store.List()),
        ];
        return all.Count(item => item.Name.Length + item.Labels.Count + item.OwnerReferences.Count + item.Conditions.Count + item.ResourceVersion.Length > 0) + (specs * 0);
    }
}
