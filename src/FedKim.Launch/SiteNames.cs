using FedKim.Learning;

namespace FedKim.Launch;

/// <summary>Nodes of a federation on one machine that are no hospital.</summary>
public static class SiteNames
{
    /// <summary>The first server, and its folder of the data.</summary>
    public const string Server = "server";
    /// <summary>The injector.</summary>
    public const string Injector = "injector";

    /// <summary>The name of the first server, the second, …</summary>
    public static string NumberedServer(int number) => number == 1 ? Server : $"{Server}-{number}";

    /// <summary>The name of the first node that carries several hospitals, the second, …</summary>
    public static string NumberedHospitals(int number) => $"hospitals-{number}";

    /// <summary>A hospital's own folder of the data; the server's public split for the site that trains on nothing else.</summary>
    public static string DataFolder(string data, string hospital) =>
        hospital == Method.PublicSite ? Path.Combine(data, Server, hospital) : Path.Combine(data, hospital);
}
