# Installs the program rowmill for this user, when its checksum is right. For Windows PowerShell 5.1 and later:
#
#   irm URL/install.ps1 | iex
#
# $env:ROWMILL_PREFIX  where to ($env:LOCALAPPDATA\Programs\rowmill); it is put into the user's Path
# $env:ROWMILL_URL     where from
# To remove it again: powershell -ExecutionPolicy Bypass -File install.ps1 -Uninstall
param([switch] $Uninstall)

function Install-Rowmill {
  param([bool] $Removes)
  $ErrorActionPreference = 'Stop'
  # Its bar makes a download in version 5.1 ten times as slow.
  $ProgressPreference = 'SilentlyContinue'
  $version = '@VERSION@'
  $url = if ($env:ROWMILL_URL) { $env:ROWMILL_URL } else { '@URL@' }
  $prefix = if ($env:ROWMILL_PREFIX) { $env:ROWMILL_PREFIX } else { Join-Path $env:LOCALAPPDATA 'Programs\rowmill' }
  $program = Join-Path $prefix 'rowmill.exe'
  if ($env:OS -ne 'Windows_NT') { throw 'this script is for Windows; on Linux and macOS: install.sh' }

  # As it is written, with variables in it, which must not be lost.
  $place = Get-Item 'HKCU:\Environment'
  $path = [string] $place.GetValue('Path', '', 'DoNotExpandEnvironmentNames')
  $folders = @($path -split ';' | Where-Object { $_ -ne '' -and $_ -ne $prefix })

  if ($Removes) {
    foreach ($name in 'rowmill.exe', 'rowmill.exe.old', 'rowmill.ps1', 'LICENSE', 'README.md', 'THIRD-PARTY-LICENSES.txt') {
      $file = Join-Path $prefix $name
      if (Test-Path -LiteralPath $file) { Remove-Item -LiteralPath $file -Force }
    }
    if ((Test-Path -LiteralPath $prefix) -and -not (Get-ChildItem -LiteralPath $prefix -Force)) {
      Remove-Item -LiteralPath $prefix
    }
    Set-UserPath $folders
    Write-Output "removed from $prefix"
    return
  }

  if (-not $url) { throw 'this copy does not know where the release is: set $env:ROWMILL_URL to the address of its folder' }
  # In a process of 32 bits the second names the process, and the first the machine.
  $cpu = if ($env:PROCESSOR_ARCHITEW6432) { $env:PROCESSOR_ARCHITEW6432 } else { $env:PROCESSOR_ARCHITECTURE }
  # Windows 11 on ARM runs programs for x64.
  if ($cpu -ne 'AMD64' -and $cpu -ne 'ARM64') { throw "there is no program for processors of the kind $cpu" }
  [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12

  $name = "rowmill-$version-windows-x64"
  $work = Join-Path ([IO.Path]::GetTempPath()) ([IO.Path]::GetRandomFileName())
  New-Item -ItemType Directory -Path $work | Out-Null
  try {
    $sums = Join-Path $work 'SHA256SUMS'
    $archive = Join-Path $work "$name.zip"
    Invoke-WebRequest -UseBasicParsing -Uri "$url/SHA256SUMS" -OutFile $sums
    $line = @(Get-Content -LiteralPath $sums | Where-Object { $_.EndsWith("  $name.zip") })
    if ($line.Count -ne 1) { throw 'the release has nothing for windows-x64' }
    $wanted = $line[0].Split(' ')[0]
    Invoke-WebRequest -UseBasicParsing -Uri "$url/$name.zip" -OutFile $archive
    $found = (Get-FileHash -LiteralPath $archive -Algorithm SHA256).Hash
    # -ne takes no notice of upper and lower case.
    if ($found -ne $wanted) {
      throw "$name.zip is not what the release names: its checksum is $found, wanted $wanted; try again: nothing was installed"
    }
    Expand-Archive -LiteralPath $archive -DestinationPath $work
    New-Item -ItemType Directory -Path $prefix -Force | Out-Null
    # A program that runs cannot be written over, but it can be renamed.
    $old = "$program.old"
    if (Test-Path -LiteralPath $old) { Remove-Item -LiteralPath $old -Force -ErrorAction SilentlyContinue }
    if (Test-Path -LiteralPath $program) { Move-Item -LiteralPath $program -Destination $old -Force }
    $unpacked = Join-Path $work $name
    foreach ($file in 'rowmill.exe', 'LICENSE', 'README.md', 'THIRD-PARTY-LICENSES.txt', 'completions\rowmill.ps1') {
      Copy-Item -LiteralPath (Join-Path $unpacked $file) -Destination $prefix -Force
    }
    Remove-Item -LiteralPath $old -Force -ErrorAction SilentlyContinue
  } finally {
    Remove-Item -LiteralPath $work -Recurse -Force -ErrorAction SilentlyContinue
  }
  $says = & $program --version
  if ($LASTEXITCODE -ne 0) { throw "$program does not start here: see what a machine needs in the README" }
  Set-UserPath (@($folders) + $prefix)
  $env:Path = "$env:Path;$prefix"
  Write-Output "installed $says as $program; windows that are opened from now on know it as rowmill"
  Write-Output "completions: Add-Content `$PROFILE '. ""$prefix\rowmill.ps1""'"
}

function Set-UserPath {
  param([string[]] $Folders)
  Set-ItemProperty -LiteralPath 'HKCU:\Environment' -Name 'Path' -Value ($Folders -join ';') -Type ExpandString
  # Windows that are opened hear of it when a variable is set in this way.
  [Environment]::SetEnvironmentVariable('RowmillInstalled', $null, 'User')
}

Install-Rowmill -Removes ([bool] $Uninstall)
