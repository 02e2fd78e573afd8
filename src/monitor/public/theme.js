// Runs before the first paint. Key and values match theme/theme.ts.
try {
  const theme = localStorage.getItem('trainyard.theme');
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the page uses the system's theme.
}
