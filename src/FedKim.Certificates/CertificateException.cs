namespace FedKim.Certificates;

/// <summary>A key, certificate, request or list that cannot be used; the message says which, why, and what to do.</summary>
public sealed class CertificateException(string message, Exception? cause = null) : Exception(message, cause);
