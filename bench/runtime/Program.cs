using Portal.Kubernetes.Bench;

// usage: Portal.Kubernetes.Bench serve <kubeconfig to write>     an empty API server until standard input ends
//        Portal.Kubernetes.Bench fill <kubeconfig> <objects>     makes ConfigMaps
//        Portal.Kubernetes.Bench measure <kubeconfig> <objects> <runs>
switch (args)
{
    case ["serve", var file]:
        await ServerProcess.ServeAsync(file);
        return 0;
    case ["fill", var file, var objects]:
        await RuntimeBench.FillAsync(file, Number(objects));
        return 0;
    case ["measure", var file, var objects, var runs]:
        await RuntimeBench.MeasureAsync(file, Number(objects), Number(runs));
        return 0;
    default:
        await Console.Error.WriteLineAsync("usage: serve KUBECONFIG | fill KUBECONFIG OBJECTS | measure KUBECONFIG OBJECTS RUNS");
        return 2;
}

static int Number(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
